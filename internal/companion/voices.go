package companion

// VoiceChoice is one way she can sound, offered in the first meeting and in the settings.
type VoiceChoice struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Blend       map[string]float32 `json:"blend"`
	Speed       float32            `json:"speed"`
}

// Voice is a blend of a synthesiser's named voices, by weight, and how fast it speaks (1 is its own pace).
type Voice struct {
	Blend map[string]float32
	Speed float32
}

// VoiceChoices lists the voices on offer, the default first. Each is a blend of Kokoro's own.
func VoiceChoices() []VoiceChoice {
	return []VoiceChoice{
		{ID: "warm", Name: "Warm", Description: "close and unhurried", Blend: map[string]float32{"af_heart": 0.6, "af_bella": 0.4}, Speed: 0.92},
		{ID: "bright", Name: "Bright", Description: "light and quick", Blend: map[string]float32{"af_nova": 0.5, "af_sarah": 0.5}, Speed: 1},
		{ID: "low", Name: "Low", Description: "a deep, calm man", Blend: map[string]float32{"am_michael": 0.7, "am_fenrir": 0.3}, Speed: 0.94},
		{ID: "london", Name: "London", Description: "a clear British voice", Blend: map[string]float32{"bf_emma": 0.7, "bf_isabella": 0.3}, Speed: 0.94},
		{ID: "north", Name: "North", Description: "a British man, dry and gentle", Blend: map[string]float32{"bm_george": 0.6, "bm_fable": 0.4}, Speed: 0.96},
	}
}

// voiceByID finds a voice by its ID, the default when there is none.
func voiceByID(id string) (VoiceChoice, bool) {
	choices := VoiceChoices()
	for _, choice := range choices {
		if choice.ID == id {
			return choice, true
		}
	}
	return choices[0], false
}
