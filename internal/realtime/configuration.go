package realtime

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"twombly/internal/call"
)

// configuration is the session object of the protocol, as far as it means something here, beside what the call knows
// of it as call.Settings.
type configuration struct {
	voice     string
	speed     float32
	eagerness string
	threshold float64
	padding   int
	language  string
	idle      int // ms, 0 for none
	input     format
	output    format
}

// sessionUpdate is what a client may change.
type sessionUpdate struct {
	Type             string           `json:"type"`
	Instructions     *string          `json:"instructions"`
	OutputModalities *[]string        `json:"output_modalities"`
	Tools            *json.RawMessage `json:"tools"`
	ToolChoice       json.RawMessage  `json:"tool_choice"`
	Audio            struct {
		Input struct {
			Format        *audioFormat    `json:"format"`
			TurnDetection json.RawMessage `json:"turn_detection"`
			Transcription *struct {
				Language string `json:"language"`
			} `json:"transcription"`
		} `json:"input"`
		Output struct {
			Format *audioFormat    `json:"format"`
			Voice  json.RawMessage `json:"voice"`
			Speed  *float32        `json:"speed"`
		} `json:"output"`
	} `json:"audio"`
}

type turnDetection struct {
	Type              string   `json:"type"`
	CreateResponse    *bool    `json:"create_response"`
	InterruptResponse *bool    `json:"interrupt_response"`
	SilenceMS         *int     `json:"silence_duration_ms"`
	Threshold         *float64 `json:"threshold"`
	PrefixPaddingMS   *int     `json:"prefix_padding_ms"`
	Eagerness         string   `json:"eagerness"`
	IdleTimeoutMS     *int     `json:"idle_timeout_ms"`
}

// Bounds of a session's values.
const (
	maxInstructions = 64 << 10
	minSilenceMS    = 100
	maxSilenceMS    = 10000
	minIdleMS       = 5000
	maxIdleMS       = 30000
)

// defaults are the settings of a session before its client said anything. Until it is known to be one of ours it hears words alone: others take
// all sound for a response with a transcript.
func (s *Server) defaults(who Caller) (configuration, call.Settings) {
	return configuration{
			voice: "twombly", speed: 1, eagerness: "auto", threshold: 0.5, padding: 300, input: formatPCM, output: formatPCM,
		}, call.Settings{
			Detection: call.SemanticVAD, CreateResponse: true, Interruptible: true, Audio: true, Device: who.Device, Quiet: true,
			OwnVoiceOnly: s.options.OnlyMyVoice,
		}
}

// apply merges an update into a copy of configuration and settings. Nothing of an update counts when a part is refused.
func (s *Server) apply(data json.RawMessage, c configuration, settings call.Settings) (configuration, call.Settings, *protocolError) {
	var update sessionUpdate
	if len(data) == 0 || string(data) == "null" {
		return c, settings, missing("session")
	}
	if err := json.Unmarshal(data, &update); err != nil {
		return c, settings, invalid("invalid_value", "session", fmt.Sprintf("The session could not be read: %v.", err))
	}
	refuse := func(param, message string) (configuration, call.Settings, *protocolError) {
		return c, settings, invalid("invalid_value", "session."+param, message)
	}
	if update.Type != "" && update.Type != "realtime" {
		return refuse("type", "Only sessions of type \"realtime\" are held here.")
	}
	if update.Tools != nil {
		if problem := applyTools(*update.Tools, "session.tools", &settings); problem != nil {
			return c, settings, problem
		}
	}
	if problem := applyToolChoice(update.ToolChoice, "session.tool_choice", &settings); problem != nil {
		return c, settings, problem
	}
	if wanted := update.Audio.Input.Format; wanted != nil {
		var ok bool
		if c.input, ok = wanted.check(); !ok {
			return refuse("audio.input.format", formatWrong)
		}
	}
	if wanted := update.Audio.Output.Format; wanted != nil {
		var ok bool
		if c.output, ok = wanted.check(); !ok {
			return refuse("audio.output.format", formatWrong)
		}
	}
	if update.Instructions != nil {
		if len(*update.Instructions) > maxInstructions {
			return refuse("instructions", fmt.Sprintf("Instructions may have %d bytes at most.", maxInstructions))
		}
		settings.Instructions = *update.Instructions
	}
	if update.OutputModalities != nil {
		spoken, ok := modalities(*update.OutputModalities)
		if !ok {
			return refuse("output_modalities", "Output modalities are [\"audio\"] or [\"text\"].")
		}
		settings.Audio = spoken
	}
	if update.Audio.Input.Transcription != nil {
		c.language = update.Audio.Input.Transcription.Language
	}
	if problem := c.applyVoice(s, update, &settings); problem != nil {
		return c, settings, problem
	}
	if problem := c.applyDetection(update.Audio.Input.TurnDetection, &settings); problem != nil {
		return c, settings, problem
	}
	return c, settings, nil
}

// modalities says whether the answer is spoken.
func modalities(list []string) (spoken, ok bool) {
	for _, modality := range list {
		if modality != "audio" && modality != "text" {
			return false, false
		}
	}
	return slices.Contains(list, "audio"), len(list) > 0
}

// applyVoice takes a voice by its name, or by an object with its id. A name that is none of hers (an OpenAI client asks
// for "alloy" or "marin" without thinking) leaves her own.
func (c *configuration) applyVoice(s *Server, update sessionUpdate, settings *call.Settings) *protocolError {
	if raw := update.Audio.Output.Voice; len(raw) > 0 && string(raw) != "null" {
		var name string
		var byID struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(raw, &name) != nil {
			if err := json.Unmarshal(raw, &byID); err != nil || byID.ID == "" {
				return invalid("invalid_value", "session.audio.output.voice", "A voice is a name or an object with an id.")
			}
			name = byID.ID
		}
		c.voice = name
		settings.Voice.Blend = nil
		if slices.Contains(s.options.Voices, name) {
			settings.Voice.Blend = map[string]float32{name: 1}
		}
	}
	if speed := update.Audio.Output.Speed; speed != nil {
		if !(*speed >= 0.25 && *speed <= 1.5) {
			return invalid("invalid_value", "session.audio.output.speed", "The speed must lie between 0.25 and 1.5.")
		}
		c.speed, settings.Voice.Speed = *speed, *speed
	}
	return nil
}

// applyDetection takes the turn detection; null means that the client commits by itself.
func (c *configuration) applyDetection(raw json.RawMessage, settings *call.Settings) *protocolError {
	const param = "session.audio.input.turn_detection"
	if len(raw) == 0 {
		return nil
	}
	if string(raw) == "null" {
		settings.Detection = call.Manual
		return nil
	}
	var wanted turnDetection
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return invalid("invalid_value", param, fmt.Sprintf("The turn detection could not be read: %v.", err))
	}
	detection := call.TurnDetection(wanted.Type)
	if wanted.Type == "" { // some clients change one value of what is set
		detection = settings.Detection
	}
	switch detection {
	case call.SemanticVAD:
		if wanted.Eagerness != "" {
			if !slices.Contains([]string{"low", "medium", "high", "auto"}, wanted.Eagerness) {
				return invalid("invalid_value", param+".eagerness", "Eagerness is low, medium, high or auto.")
			}
			c.eagerness = wanted.Eagerness
			settings.Eagerness = call.Eagerness(wanted.Eagerness)
		}
	case call.ServerVAD:
		if wanted.SilenceMS != nil {
			if *wanted.SilenceMS < minSilenceMS || *wanted.SilenceMS > maxSilenceMS {
				return invalid("invalid_value", param+".silence_duration_ms",
					fmt.Sprintf("The silence must last from %d to %d ms.", minSilenceMS, maxSilenceMS))
			}
			settings.Silence = time.Duration(*wanted.SilenceMS) * time.Millisecond
		}
		if wanted.Threshold != nil {
			if !(*wanted.Threshold >= 0 && *wanted.Threshold <= 1) {
				return invalid("invalid_value", param+".threshold", "The threshold lies between 0 and 1.")
			}
			c.threshold, settings.Threshold = *wanted.Threshold, float32(*wanted.Threshold)
		}
		if wanted.IdleTimeoutMS != nil {
			if *wanted.IdleTimeoutMS < minIdleMS || *wanted.IdleTimeoutMS > maxIdleMS {
				return invalid("invalid_value", param+".idle_timeout_ms", fmt.Sprintf("The idle timeout lasts from %d to %d ms.", minIdleMS, maxIdleMS))
			}
			c.idle = *wanted.IdleTimeoutMS
			settings.IdleTimeout = time.Duration(c.idle) * time.Millisecond
		}
		if wanted.PrefixPaddingMS != nil {
			c.padding = *wanted.PrefixPaddingMS
		}
	default:
		return invalid("invalid_value", param+".type", "Turn detection is server_vad, semantic_vad or null.")
	}
	settings.Detection = detection
	if wanted.CreateResponse != nil {
		settings.CreateResponse = *wanted.CreateResponse
	}
	if wanted.InterruptResponse != nil {
		settings.Interruptible = *wanted.InterruptResponse
	}
	return nil
}

// object is the session as the protocol shows it.
func (c configuration) object(id, model string, settings call.Settings) object {
	spoken := "text"
	if settings.Audio {
		spoken = "audio"
	}
	var detection any
	switch settings.Detection {
	case call.SemanticVAD:
		detection = object{
			"type": "semantic_vad", "eagerness": c.eagerness,
			"create_response": settings.CreateResponse, "interrupt_response": settings.Interruptible,
		}
	case call.ServerVAD:
		silence := settings.Silence
		if silence == 0 {
			silence = 500 * time.Millisecond
		}
		detection = object{
			"type": "server_vad", "threshold": c.threshold, "prefix_padding_ms": c.padding,
			"silence_duration_ms": silence.Milliseconds(), "idle_timeout_ms": orNoTime(c.idle),
			"create_response": settings.CreateResponse, "interrupt_response": settings.Interruptible,
		}
	}
	return object{
		"type": "realtime", "object": "realtime.session", "id": id, "model": model,
		"output_modalities": []string{spoken}, "instructions": settings.Instructions,
		"audio": object{
			"input": object{
				"format": c.input.object(), "noise_reduction": nil, "turn_detection": detection,
				"transcription": object{"model": model, "language": orNull(c.language), "prompt": nil},
			},
			"output": object{"format": c.output.object(), "voice": c.voice, "speed": c.speed},
		},
		"tools": toolObjects(settings.Tools), "tool_choice": toolChoiceObject(settings), "max_output_tokens": "inf", "tracing": nil, "prompt": nil,
		"truncation": "auto", "include": nil,
	}
}

// orNoTime gives JSON's null for no time.
func orNoTime(milliseconds int) any {
	if milliseconds == 0 {
		return nil
	}
	return milliseconds
}
