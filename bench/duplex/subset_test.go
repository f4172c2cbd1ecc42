package duplex

import (
	"reflect"
	"testing"
)

// TestSubset: each kind as often at each level of noise, and always the same.
func TestSubset(t *testing.T) {
	c := corpus(t)
	options := Options{Seed: 1, Events: SubsetEvents}
	s, err := Subset(c, options)
	if err != nil {
		t.Fatal(err)
	}
	each := map[Kind]int{Turn: 3, Pausing: 2, Interruption: 2, Stop: 1, Backchannel: 2, Tic: 3, Aside: 2}
	got := map[string]map[Kind]int{}
	for _, call := range s.Calls {
		if got[call.Level()] == nil {
			got[call.Level()] = map[Kind]int{}
		}
		for _, event := range call.Events {
			got[call.Level()][event.Kind]++
		}
	}
	if s.Events() != SubsetEvents || len(got) != 4 {
		t.Errorf("%d events at %d levels", s.Events(), len(got))
	}
	for level, kinds := range got {
		if !reflect.DeepEqual(kinds, each) {
			t.Errorf("%s: %v", level, kinds)
		}
	}
	if lines := s.List(); len(lines) != SubsetEvents+len(s.Calls) || lines[0] == "" {
		t.Errorf("it is listed in %d lines", len(lines))
	}
	again, err := Subset(c, options)
	if err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("the same seed makes another subset: %v", err)
	}
}
