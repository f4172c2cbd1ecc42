package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func planned(sequence int64, reply, words string, clause, heardWords int) Moment {
	moment := NewPlanned("asked", words, PlannedData{Reply: reply, Clause: clause, HeardWords: heardWords})
	moment.Sequence = sequence
	return moment
}

func heard(sequence int64, reply, words string, cut bool, reason string) Moment {
	moment := NewHeard(reply, words, 900, HeardData{Cut: cut, Reason: reason})
	moment.Sequence = sequence
	return moment
}

func TestConversationFoldsMoments(t *testing.T) {
	question := Moment{ID: "asked", Sequence: 1, Kind: Said, Speaker: Person, Words: "What is the time?"}
	cases := map[string]struct {
		moments []Moment
		want    []string
	}{
		"nothing": {nil, nil},
		"a question and its whole answer": {
			[]Moment{question, planned(2, "r", "Half past nine,", 0, 0), planned(3, "r", "I think.", 1, 1), heard(4, "r", "Half past nine, I think.", false, "")},
			[]string{"person: What is the time?", "companion: Half past nine, I think. | Half past nine, I think."}},
		"cut off": {
			[]Moment{question, planned(2, "r", "Half past nine,", 0, 0), planned(3, "r", "I think.", 1, 1), heard(4, "r", "Half past", true, "barge_in")},
			[]string{"person: What is the time?", "companion: Half past | Half past nine, I think. cut barge_in"}},
		"a crash after the second clause": {
			[]Moment{question, planned(2, "r", "Half past nine,", 0, 0), planned(3, "r", "I think.", 1, 2)},
			[]string{"person: What is the time?", "companion: Half past | Half past nine, I think. open"}},
		"a crash after the first clause": {
			[]Moment{planned(2, "r", "Half past nine,", 0, 0)},
			[]string{"companion:  | Half past nine, open"}},
		"words in the middle of a reply": {
			[]Moment{planned(1, "r", "Well,", 0, 0), {Sequence: 2, Kind: Said, Speaker: Person, Words: "mm"}, planned(3, "r", "yes.", 1, 1), heard(4, "r", "Well, yes.", false, "")},
			[]string{"companion: Well, yes. | Well, yes.", "person: mm"}},
		"two replies at once": {
			[]Moment{planned(1, "a", "One", 0, 0), planned(2, "b", "Two", 0, 0), heard(3, "b", "Two", false, ""), heard(4, "a", "One", false, "")},
			[]string{"companion: One | One", "companion: Two | Two"}},
		"an end without a beginning": {[]Moment{heard(4, "r", "Half", true, "barge_in")}, nil},
		"a text of hers":             {[]Moment{{Kind: Said, Speaker: Companion, Words: "Hello."}}, []string{"companion: Hello. | Hello."}},
		"broken data":                {[]Moment{{ID: "x", Kind: Planned, Speaker: Companion, Words: "Hm.", Data: json.RawMessage(`[`)}}, []string{"companion:  | Hm. open"}},
		"other kinds":                {[]Moment{{Kind: Event}, {Kind: Decision, Words: "no"}}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, line := range Conversation(test.moments) {
				text := string(line.Speaker) + ": " + line.Words
				if line.Speaker == Companion {
					text += " | " + line.Planned
				}
				if line.Open {
					text += " open"
				}
				if line.Cut {
					text += " cut " + line.Reason
				}
				got = append(got, text)
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestFirstWords(t *testing.T) {
	cases := []struct {
		text  string
		count int
		want  string
	}{
		{"", 3, ""}, {"one", 0, ""}, {"one", -1, ""}, {"one", 1, "one"}, {"one two", 1, "one"}, {"  one  two ", 1, "  one"},
		{"one two ", 2, "one two"}, {"one two", 9, "one two"}, {"één, twee", 1, "één,"},
	}
	for _, test := range cases {
		if got := FirstWords(test.text, test.count); got != test.want {
			t.Errorf("FirstWords(%q, %d) = %q, want %q", test.text, test.count, got, test.want)
		}
	}
}

func FuzzConversation(f *testing.F) {
	f.Add("Half past", `{"reply":"r","clause":0,"heardWords":1}`, "planned", "r")
	f.Fuzz(func(t *testing.T, words, data, kind, refers string) {
		moments := []Moment{{ID: "a", Sequence: 1, Kind: Kind(kind), Words: words, Data: json.RawMessage(data), Refers: refers},
			heard(2, refers, words, true, "x"), heard(3, "a", words, false, "")}
		for _, line := range Conversation(moments) {
			if line.Open && !strings.HasPrefix(line.Planned, line.Words) {
				t.Errorf("heard %q of %q", line.Words, line.Planned)
			}
		}
	})
}

func TestSettleEndsWhatACrashCutOff(t *testing.T) {
	crashed := newStore(t, 0)
	opened, err := crashed.open(t)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if _, err := opened.Append(t.Context(), planned(0, "r", "Half past nine,", 0, 0), planned(0, "r", "I think.", 1, 2)); err != nil {
		t.Fatal(err)
	}
	for round, want := range []int{1, 0} {
		settled, err := opened.Settle(t.Context(), "crash")
		if err != nil || len(settled) != want {
			t.Fatalf("round %d: %+v %v", round, settled, err)
		}
	}
	all, err := opened.Read(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	lines := Conversation(all)
	if len(lines) != 1 || lines[0].Open || lines[0].Words != "Half past" || !lines[0].Cut || lines[0].Reason != "crash" {
		t.Errorf("%+v", lines)
	}
}

func TestSubscribersHearInOrderAndDoNotHoldUp(t *testing.T) {
	lively := newStore(t, 0)
	opened, err := lively.open(t)
	if err != nil {
		t.Fatal(err)
	}
	hearing, stop := opened.Subscribe()
	deaf, _ := opened.Subscribe()
	for i := range backlog + 1 {
		if _, err := opened.Append(t.Context(), Moment{Kind: Said, Words: "x"}); err != nil {
			t.Fatal(err)
		}
		if moment := <-hearing; moment.Sequence != int64(i+1) {
			t.Fatalf("heard %d", moment.Sequence)
		}
	}
	stop()
	stop()
	if _, open := <-hearing; open {
		t.Error("stopped and still open")
	}
	count := 0
	for range deaf {
		count++
	}
	if count != backlog {
		t.Errorf("the deaf one got %d", count)
	}
	last, _ := opened.Subscribe()
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-last; open {
		t.Error("closed and still open")
	}
	if _, err := opened.Append(t.Context(), Moment{Kind: Said}); err != ErrClosed {
		t.Errorf("append after close: %v", err)
	}
}

func TestExports(t *testing.T) {
	talked := newStore(t, 0)
	opened, err := talked.open(t)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	moments := []Moment{
		{Kind: Said, Speaker: Person, At: at("2026-11-23T22:59:00Z"), Zone: "Europe/Rome", Words: "# not a *heading*\n1. nor a list"},
		{Kind: Decision, Speaker: Person, At: at("2026-11-23T23:01:00Z"), Zone: "Europe/Rome", Data: json.RawMessage(`{"name":"Ada"}`)},
		planned(0, "r", "Good", 0, 0), planned(0, "r", "night.", 1, 1), heard(0, "r", "Good", true, "barge_in"),
	}
	for i := range moments[2:] {
		moments[2+i].At, moments[2+i].Zone = at("2026-11-23T23:02:00Z"), "Europe/Rome"
	}
	if _, err := opened.Append(t.Context(), moments...); err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := opened.ExportMarkdown(t.Context(), &page, Names{Person: "Ada", Companion: "Mira"}); err != nil {
		t.Fatal(err)
	}
	want := `# A conversation

Ada and Mira, written down by Twombly. Export format 1.

## Monday, 23 November 2026

**Ada** (23:59): \# not a \*heading\*  
1\. nor a list

## Tuesday, 24 November 2026

*00:01, decision: ` + "`{\"name\":\"Ada\"}`" + `*

**Mira** (00:02): Good *(cut off)*
`
	if page.String() != want {
		t.Errorf("Markdown:\n%s\nwant:\n%s", page.String(), want)
	}
	var lines bytes.Buffer
	if err := opened.ExportJSONL(t.Context(), &lines); err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(&lines)
	var head exportHeader
	if err := decoder.Decode(&head); err != nil || head.Version != 1 || head.Moments != 5 || head.Person != talked.person {
		t.Errorf("header %+v %v", head, err)
	}
	for i, want := range moments {
		var got Moment
		if err := decoder.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Words != want.Words || got.Kind != want.Kind || got.Sequence != int64(i+1) || !got.At.Equal(want.At) {
			t.Errorf("line %d: %+v", i+1, got)
		}
	}
}

func TestALongExportKeepsItsOrder(t *testing.T) {
	talked := newStore(t, 450)
	opened, err := talked.open(t)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var page bytes.Buffer
	if err := opened.ExportMarkdown(t.Context(), &page, Names{}); err != nil {
		t.Fatal(err)
	}
	next := 1
	for _, line := range strings.Split(page.String(), "\n") {
		if _, words, found := strings.Cut(line, "): "); found {
			if words != fmt.Sprintf("word %d", next) {
				t.Fatalf("turn %d is %q", next, words)
			}
			next++
		}
	}
	if next != 451 {
		t.Errorf("%d turns", next-1)
	}
}
