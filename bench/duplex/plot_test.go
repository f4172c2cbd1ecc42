package duplex

import (
	"strings"
	"testing"
	"time"
)

func TestPlot(t *testing.T) {
	event := done(Backchannel, true, [2]int{1000, 1300})
	event.Event.Sounds = []Sound{{Voice: "v", Text: `"<b>mm</b>"`}}
	her := heard([2]int{0, 600}, [2]int{650, 1800})
	call := Played{
		Call: Call{Name: "call-01", Person: "v", Noise: "noise/engine.wav", SNR: 5}, Events: []Performed{event},
		Outcomes: []Outcome{Judge(event, her, nil)}, Her: her.Stretches(),
		Marks: []Mark{{At: 1100 * time.Millisecond, Text: "softer"}},
	}
	if len(call.Her) != 1 {
		t.Errorf("she is heard in %v, want one stretch", call.Her)
	}
	var page strings.Builder
	if err := Plot(&page, []Played{call}, []string{"S_BC: call-01/1, <5 dB>"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"call-01: v, 5 dB of noise/engine.wav", `class="bad"`, `class="her"`, ">softer<", ">backchannel<", "S_BC: call-01/1, &lt;5 dB&gt;"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, page.String())
		}
	}
	if strings.Contains(page.String(), "<b>mm") {
		t.Error("words are markup")
	}
}
