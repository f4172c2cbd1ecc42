package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// PageSettings are the page's own settings. They follow the person from device to device.
type PageSettings struct {
	Captions bool   `json:"captions" doc:"Show her words while she speaks."`
	Theme    string `json:"theme" enum:"auto,light,dark"`
	// Quiet is nil until the person chooses: the house's own setting is in force.
	Quiet *bool `json:"quiet,omitempty" doc:"No sounds of hers that are no words."`
	// OnlyMyVoice is nil until the person chooses, as Quiet is.
	OnlyMyVoice *bool `json:"onlyMyVoice,omitempty" doc:"Longer speech in another voice than the person's is neither answered nor yielded to."`
}

// defaultSettings are in force until the person changes them.
func defaultSettings() PageSettings { return PageSettings{Captions: true, Theme: "auto"} }

func (a *api) registerSettings() {
	huma.Register(a, operation("get-settings", http.MethodGet, "/api/settings", "The page's settings"), a.getSettings)
	put := operation("put-settings", http.MethodPut, "/api/settings", "Change the page's settings")
	put.DefaultStatus = http.StatusNoContent
	huma.Register(a, put, a.putSettings)
	forget := operation("forget-own-voice", http.MethodDelete, "/api/own-voice", "Forget how the person's own voice sounds")
	forget.DefaultStatus = http.StatusNoContent
	huma.Register(a, forget, a.forgetOwnVoice)
}

func (a *api) getSettings(ctx context.Context, _ *struct{}) (*answer[PageSettings], error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	settings := defaultSettings()
	if kept := room.Companion.PageSettings(); kept != nil {
		if err := json.Unmarshal(kept, &settings); err != nil {
			return nil, failure(a.options.Log, "reading your settings", err)
		}
	}
	return &answer[PageSettings]{settings}, nil
}

func (a *api) putSettings(ctx context.Context, input *answer[PageSettings]) (*struct{}, error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	text, err := json.Marshal(input.Body)
	if err == nil {
		err = room.Companion.KeepPageSettings(ctx, text)
	}
	if err != nil {
		return nil, failure(a.options.Log, "keeping your settings", err)
	}
	return nil, nil
}

func (a *api) forgetOwnVoice(ctx context.Context, _ *struct{}) (*struct{}, error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := room.Companion.ForgetPersonVoice(ctx); err != nil {
		return nil, failure(a.options.Log, "forgetting your voice", err)
	}
	return nil, nil
}
