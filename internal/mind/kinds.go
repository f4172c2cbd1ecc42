package mind

// Kind is a kind of words that a request holds. What is sent to a server elsewhere is consented to once per kind.
type Kind string

// The kinds of words.
const (
	// Talk is what is said in the conversation.
	Talk Kind = "talk"
	// Memories is what she remembers of the person from before.
	Memories Kind = "memories"
	// Mail is from the person's mailbox.
	Mail Kind = "mail"
	// Pictures are images, and what was read in them.
	Pictures Kind = "pictures"
)

// Holds lists the kinds of words in a request: those it names, talk always, and pictures when a message has any.
func (r Request) Holds() []Kind {
	kinds := []Kind{Talk}
	add := func(kind Kind) {
		for _, known := range kinds {
			if known == kind {
				return
			}
		}
		kinds = append(kinds, kind)
	}
	for _, kind := range r.Kinds {
		add(kind)
	}
	for _, message := range r.Messages {
		if len(message.Images) > 0 {
			add(Pictures)
		}
	}
	return kinds
}
