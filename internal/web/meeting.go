package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"twombly/internal/companion"
)

// maxTypedBytes bounds one typed answer, as a call bounds a typed message.
const maxTypedBytes = 400_000

type meetingInput struct {
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"400000" doc:"What the person types, or the value of a choice."`
		Zone string `json:"zone,omitempty" maxLength:"64" doc:"The person's IANA time zone."`
	}
}

func (a *api) registerMeeting() {
	huma.Register(a, operation("get-meeting", http.MethodGet, "/api/meeting", "The first meeting as it stands"), a.getMeeting)
	huma.Register(a, operation("say-in-meeting", http.MethodPost, "/api/meeting", "Answer her in the first meeting"), a.sayInMeeting)
	huma.Register(a, operation("skip-meeting", http.MethodPost, "/api/meeting/skip", "End the first meeting with what is known"), a.skipMeeting)
}

func (a *api) getMeeting(ctx context.Context, _ *struct{}) (*answer[companion.Meeting], error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	return meetingAnswer(room.Companion.Meeting()), nil
}

func (a *api) sayInMeeting(ctx context.Context, input *meetingInput) (*answer[companion.Meeting], error) {
	if len(input.Body.Text) > maxTypedBytes {
		return nil, huma.Error422UnprocessableEntity("That is too long to read in one piece. Please send it in parts.")
	}
	room, caller, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	meeting, err := room.Companion.TypeMeeting(ctx, input.Body.Text, caller.Name, input.Body.Zone)
	if err != nil {
		return nil, failure(a.options.Log, "answering you", err)
	}
	return meetingAnswer(meeting), nil
}

func (a *api) skipMeeting(ctx context.Context, _ *struct{}) (*answer[companion.Meeting], error) {
	room, _, release, err := a.room(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := room.Companion.SkipMeeting(ctx); err != nil {
		return nil, failure(a.options.Log, "ending the first meeting", err)
	}
	return meetingAnswer(room.Companion.Meeting()), nil
}

// meetingAnswer makes lists of nothing empty rather than null.
func meetingAnswer(meeting companion.Meeting) *answer[companion.Meeting] {
	if meeting.Choices == nil {
		meeting.Choices = []companion.Choice{}
	}
	if meeting.Voices == nil {
		meeting.Voices = []companion.VoiceChoice{}
	}
	return &answer[companion.Meeting]{meeting}
}
