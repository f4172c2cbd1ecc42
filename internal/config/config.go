// Package config is everything a person can set about the program, in one documented struct.
//
// A setting comes from four places, the first that has it wins: a flag on the command line, an environment variable,
// the configuration file, the default. The three names of a setting follow from one another: the flag --mind-model is
// the variable TWOMBLY_MIND_MODEL and the key model in the table [mind] of the file. The struct's tags are the only
// place where names, defaults and explanations are written; the file that [Document] writes, the environment and
// --help are all made from them.
//
// A key that the file has and the program does not know is an error with a suggestion: a misspelt setting that is
// silently ignored is worse than a program that does not start.
//
// Only the command (cmd/twombly) reads this package. It hands each room what the room needs, in the room's own options.
package config

// Version is the version of the configuration file's format. A file of a later version is refused.
const Version = 1

// Config is every setting of a server. Commands that need only some embed the group they need, such as [Paths].
type Config struct {
	Paths   `embed:""`
	Network `embed:""`
	Running `embed:""`
	// Tables of the file come after its plain keys, or TOML would take the keys for the table's.
	Mind  Mind  `embed:"" prefix:"mind-"`
	Voice Voice `embed:"" prefix:"voice-"`
}

// Paths says where things lie on this machine.
type Paths struct {
	// Data holds what is precious: the house's store and one sealed folder a person.
	Data string `key:"data" env:"TWOMBLY_DATA" default:"${twombly_data}" type:"place" placeholder:"DIR" help:"Folder of everything she keeps: the house's store and one sealed folder a person. Back this up."`
	// Cache holds what can be fetched again: models and libraries.
	Cache string `key:"cache" env:"TWOMBLY_CACHE" default:"${twombly_cache}" type:"place" placeholder:"DIR" help:"Folder of models and libraries, which can be fetched again at any time."`
}

// Network says who can reach the program.
type Network struct {
	// Listen is a loopback address; see [Network.Validate].
	Listen string `key:"listen" env:"TWOMBLY_LISTEN" default:"127.0.0.1:7373" placeholder:"ADDRESS" help:"Address and port to listen on. Only addresses of this machine itself (127.0.0.1, ::1, localhost) are accepted until sign-in exists. Port 0 takes any free port."`
	// TLS makes the server speak HTTPS on the loopback address.
	TLS bool `key:"tls" name:"tls" env:"TWOMBLY_TLS" help:"Speak HTTPS with a certificate of the program's own, which is good for this machine only. Clients must be told to trust its authority, whose file is printed at the start. For clients that know no other way, as OpenAI's JavaScript package."`
	// AllowedHosts are values of the Host header, beside the loopback names, that requests may carry.
	AllowedHosts []string `key:"allowed_hosts" name:"allowed-hosts" env:"TWOMBLY_ALLOWED_HOSTS" placeholder:"HOST" help:"Names under which a proxy on this machine that speaks HTTPS serves her, as in \"her.example\" or \"her.example:8443\". Requests for any other name are refused, which stops DNS rebinding."`
	// AllowedOrigins are web origins whose pages may call the API with a token (CORS).
	AllowedOrigins []string `key:"allowed_origins" name:"allowed-origins" env:"TWOMBLY_ALLOWED_ORIGINS" placeholder:"ORIGIN" help:"Web pages of others that may use the API with a token, as in \"http://localhost:3000\". None by default; they never get the cookie's rights."`
}

// Running is how the program itself behaves.
type Running struct {
	// LogLevel is a level of log/slog in lower case.
	LogLevel string `key:"log_level" name:"log-level" env:"TWOMBLY_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"How much is logged: debug, info, warn or error. Nobody's words are logged at any level."`
	// LogFormat is "text" or "json", and LogFile where the log goes.
	LogFormat string `key:"log_format" name:"log-format" env:"TWOMBLY_LOG_FORMAT" default:"text" enum:"text,json" placeholder:"FORMAT" help:"How the log is written: lines of text, or of JSON."`
	LogFile   string `key:"log_file" name:"log-file" env:"TWOMBLY_LOG_FILE" type:"place" placeholder:"FILE" help:"File that the log goes to, instead of the terminal; ten files of 10 MB are kept. A service's log is kept by the system already."`
	// AcceptLicences stands for the answer to the question before the first download.
	AcceptLicences bool `key:"accept_licences" name:"accept-licences" env:"TWOMBLY_ACCEPT_LICENCES" help:"Accept the licences of the models without being asked, for machines on which nobody sits."`
	// Traces is "off", "timings" or "words".
	Traces string `key:"traces" env:"TWOMBLY_TRACES" default:"off" enum:"off,timings,words" placeholder:"KIND" help:"Record each call for \"twombly replay\": \"timings\" keeps times, verdicts and hashes, \"words\" also what was said, sealed in the store."`
}

// Mind says which language model she thinks with.
type Mind struct {
	// Kind is "embedded" or "openai".
	Kind string `key:"mind.kind" env:"TWOMBLY_MIND_KIND" default:"embedded" enum:"embedded,openai" placeholder:"KIND" help:"Where her words come from: \"embedded\" is the model on this machine, \"openai\" any server that speaks the OpenAI chat format. What is chosen on the page later takes its place."`
	// Address is the base address of an OpenAI-compatible server.
	Address string `key:"mind.address" env:"TWOMBLY_MIND_ADDRESS" placeholder:"URL" help:"Base address of the server for kind \"openai\", as in \"http://127.0.0.1:11434/v1\". What you say is sent there."`
	// Model is a model name at that server, or a path of a GGUF file for the embedded kind.
	Model string `key:"mind.model" env:"TWOMBLY_MIND_MODEL" placeholder:"MODEL" help:"Name of the model at that server; for kind \"embedded\" the path of a GGUF file of your own. Empty is the default model."`
	// KeyFile is a file with nothing but the server's API key in it.
	KeyFile string `key:"mind.key_file" name:"key-file" env:"TWOMBLY_MIND_KEY_FILE" type:"place" placeholder:"FILE" help:"File that holds the server's API key and nothing else, readable by you alone (chmod 600). The key itself is never a setting."`
}

// Voice says how she sounds before the person has chosen.
type Voice struct {
	Default string `key:"voice.default" env:"TWOMBLY_VOICE_DEFAULT" default:"warm" placeholder:"VOICE" help:"Voice she speaks with until one is chosen at the first meeting or on the page."`
	// Quiet keeps her from sounds that are no words.
	Quiet bool `key:"voice.quiet" env:"TWOMBLY_VOICE_QUIET" help:"No sounds that are no words: neither \"Mm.\" before an answer that takes longer, nor while she listens."`
	// OnlyMyVoice has her answer and yield to the person's own voice alone, once she knows it.
	OnlyMyVoice bool `key:"voice.only_my_voice" name:"only-my-voice" env:"TWOMBLY_VOICE_ONLY_MY_VOICE" help:"Neither answer nor yield to longer speech in another voice than yours, once she knows yours from five of your turns. Needs the optional model speaker-embedding."`
}
