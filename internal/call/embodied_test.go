package call

import "testing"

func TestNeedsBody(t *testing.T) {
	for text, want := range map[string]bool{
		"Come here, good boy. Sit.": true, "Come over here.": true, "Come back to that.": false, "Come up with a name.": false, "Who's a good girl?": true,
		"Thanks, just leave it by the door.": true, "Put it on the table.": true, "Put it on my list.": false, "Put that in my calendar.": false,
		"Leave it at that.": false, "Two coffees, please, and one with milk.": true, "Two coffees, please, please, please": true,
		"Two questions, please tell me.": false, "Tell me two stories, please.": false, "Pass me the salt.": true, "Pass me that.": true,
		"Bring me up to date.": false, "Um, did you feed the cat?": true, "Did you find the answer?": false, "Can you open the door?": false,
		"Could you carry that upstairs?": true, "Could you pass the butter?": true, "Can you please put it down?": false, "Can you put it down there?": true, "Sit.": true, "I sit here.": false, "Give me a moment.": false, "": false, "Please.": false,
		"Two": false, "Then your shoes are in the hall.": false,
	} {
		if got := needsBody(text); got != want {
			t.Errorf("%q needs a body: %t", text, got)
		}
	}
	if isForAnother("Pass me the salt.") {
		t.Error("speech is told to be for another while nobody's name is known")
	}
}
