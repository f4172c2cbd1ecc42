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
}

// sessionUpdate is what a client may change.
type sessionUpdate struct {
	Type             string            `json:"type"`
	Instructions     *string           `json:"instructions"`
	OutputModalities *[]string         `json:"output_modalities"`
	Tools            []json.RawMessage `json:"tools"`
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

type audioFormat struct {
	Type string `json:"type"`
	Rate int    `json:"rate"`
}

type turnDetection struct {
	Type              string   `json:"type"`
	CreateResponse    *bool    `json:"create_response"`
	InterruptResponse *bool    `json:"interrupt_response"`
	SilenceMS         *int     `json:"silence_duration_ms"`
	Threshold         *float64 `json:"threshold"`
	PrefixPaddingMS   *int     `json:"prefix_padding_ms"`
	Eagerness         string   `json:"eagerness"`
}

// Bounds of a session's values.
const (
	maxInstructions = 64 << 10
	minSilenceMS    = 100
	maxSilenceMS    = 10000
)

// defaults are the settings of a session before its client said anything.
func defaults(who Caller) (configuration, call.Settings) {
	return configuration{voice: "twombly", speed: 1, eagerness: "auto", threshold: 0.5, padding: 300}, call.Settings{
		Detection: call.SemanticVAD, CreateResponse: true, Interruptible: true, Audio: true, Device: who.Device,
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
	if len(update.Tools) > 0 {
		return refuse("tools", "A client's own tools are not supported yet.")
	}
	for name, format := range map[string]*audioFormat{"input": update.Audio.Input.Format, "output": update.Audio.Output.Format} {
		if format != nil && (format.Type != "audio/pcm" || format.Rate != 0 && format.Rate != voiceRate) {
			return refuse("audio."+name+".format", "The only format is \"audio/pcm\" at 24000 Hz.")
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
			c.threshold = *wanted.Threshold
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
	format := object{"type": "audio/pcm", "rate": voiceRate}
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
			"silence_duration_ms": silence.Milliseconds(), "idle_timeout_ms": nil,
			"create_response": settings.CreateResponse, "interrupt_response": settings.Interruptible,
		}
	}
	return object{
		"type": "realtime", "object": "realtime.session", "id": id, "model": model,
		"output_modalities": []string{spoken}, "instructions": settings.Instructions,
		"audio": object{
			"input": object{
				"format": format, "noise_reduction": nil, "turn_detection": detection,
				"transcription": object{"model": model, "language": orNull(c.language), "prompt": nil},
			},
			"output": object{"format": format, "voice": c.voice, "speed": c.speed},
		},
		"tools": []any{}, "tool_choice": "auto", "max_output_tokens": "inf", "tracing": nil, "prompt": nil,
		"truncation": "auto", "include": nil,
	}
}
