package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"twombly/internal/companion"
)

// VoiceReport is which voices there are and which is hers.
type VoiceReport struct {
	Voices  []companion.VoiceChoice `json:"voices" nullable:"false"`
	Current string                  `json:"current" doc:"The ID of the voice she speaks with."`
	Speed   float32                 `json:"speed" doc:"How fast she speaks, 1 being the voice's own speed."`
}

type sampleInput struct {
	ID string `path:"id" maxLength:"64"`
}

type sampleOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

type voiceInput struct {
	Body struct {
		ID    string  `json:"id" minLength:"1" maxLength:"64"`
		Speed float32 `json:"speed,omitempty" minimum:"0.6" maximum:"1.5" doc:"Left away: the voice's own."`
	}
}

func (a *api) registerVoices() {
	huma.Register(a, operation("list-voices", http.MethodGet, "/api/voices", "The voices she can have"), a.listVoices)
	sample := operation("hear-voice", http.MethodGet, "/api/voices/{id}/sample", "Hear one sentence in a voice")
	sample.Responses = map[string]*huma.Response{"200": {Description: "A WAV file",
		Content: map[string]*huma.MediaType{"audio/wav": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	huma.Register(a, sample, a.hearVoice)
	choose := operation("choose-voice", http.MethodPut, "/api/voice", "Choose her voice")
	choose.DefaultStatus = http.StatusNoContent
	huma.Register(a, choose, a.chooseVoice)
}

func (a *api) listVoices(ctx context.Context, _ *struct{}) (*answer[VoiceReport], error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	report := VoiceReport{Voices: companion.VoiceChoices()}
	report.Current, report.Speed = room.Companion.CurrentVoice()
	return &answer[VoiceReport]{report}, nil
}

func (a *api) hearVoice(ctx context.Context, input *sampleInput) (*sampleOutput, error) {
	for _, voice := range companion.VoiceChoices() {
		if voice.ID != input.ID {
			continue
		}
		wav, err := a.options.Samples.Sample(ctx, voice)
		if err != nil {
			return nil, failure(a.options.Log, "speaking a sample", err)
		}
		return &sampleOutput{ContentType: "audio/wav", Body: wav}, nil
	}
	return nil, huma.Error404NotFound("There is no such voice.")
}

func (a *api) chooseVoice(ctx context.Context, input *voiceInput) (*struct{}, error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	err = room.Companion.ChooseVoice(ctx, input.Body.ID, input.Body.Speed)
	if errors.Is(err, companion.ErrNoSuchVoice) {
		return nil, huma.Error422UnprocessableEntity("There is no such voice.")
	}
	if err != nil {
		return nil, failure(a.options.Log, "changing her voice", err)
	}
	return nil, nil
}
