package english

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"twombly/internal/native/nativetest"
	"twombly/internal/speech/english/lexicon"
	"twombly/internal/speech/english/normalize"
)

// opened is the real speller, opened once for all tests: under the race detector that takes a second.
var opened struct {
	once    sync.Once
	speller *Speller
	err     error
}

func openReal(t testing.TB) *Speller {
	t.Helper()
	dir := filepath.Dir(nativetest.Path(t, "english-phonemes", lexicon.GoldFile))
	opened.once.Do(func() { opened.speller, opened.err = Open(dir) })
	if opened.err != nil {
		t.Fatal(opened.err)
	}
	return opened.speller
}

// hardSentence is a line of testdata/hard_sentences.tsv: a text, and the words a person reads it as, in small letters
// with spaces for hyphens.
type hardSentence struct{ text, reading string }

func hardSentences(t testing.TB) []hardSentence {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "hard_sentences.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var sentences []hardSentence
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		text, reading, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			t.Fatalf("no tab in %q", lines.Text())
		}
		sentences = append(sentences, hardSentence{text, reading})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return sentences
}

func TestHardSentencesAreRead(t *testing.T) {
	sentences := hardSentences(t)
	if len(sentences) != 200 {
		t.Errorf("there are %d sentences, not 200", len(sentences))
	}
	for _, sentence := range sentences {
		got := strings.ToLower(strings.ReplaceAll(normalize.Reading(Normalize(sentence.text)), "-", " "))
		if got != sentence.reading {
			t.Errorf("%s\n  read as %q\n  want    %q", sentence.text, got, sentence.reading)
		}
	}
}

func TestPhonemes(t *testing.T) {
	speller := openReal(t)
	for _, test := range []struct{ text, want string }{
		// Weak forms depend on the sound that follows.
		{"the apple, the pear", "ði ˈæpᵊl, ðə pˈɛɹ"},
		{"a dog and an egg", "ɐ dˈɔɡ ænd ɐn ˈɛɡ"},
		{"the hour, the unit", "ði ˈWəɹ, ðə jˈunət"},
		{"to eat, to go, to", "tʊ ˈit, tə ɡˌO, tu"},
		{"come in", "kˈʌm ˈɪn"},
		{"an MP3, a UFO", "ɐn ˌɛmpˈi θɹˈi, ɐ jˌuˌɛfˈO"},
		// Heteronyms.
		{"they record a record", "ðA ɹəkˈɔɹd ɐ ɹˈɛkəɹd"},
		{"I object to that object.", "ˌI əbʤˈɛkt tə ðæt ˈɑbʤəkt."},
		{"he will read what she read", "hi wɪl ɹˈid wˌʌt ʃi ɹˈɛd"},
		{"she lives here, nine lives", "ʃi lˈɪvz hˈɪɹ, nˈIn lˈIvz"},
		{"we saw live music", "wi sˈɔ lˈIv mjˈuzɪk"},
		{"close the door", "klˈOz ðə dˈɔɹ"},
		{"too close", "tˈu klˈOs"},
		{"a lead pipe", "ɐ lˈɛd pˈIp"},
		{"minute detail", "mInˈut dətˈAl"},
		{"I used to use it", "ˌI jˈust tə jˈuz ɪt"},
		{"Polish the Polish table", "pˈɑlɪʃ ðə pˈOlɪʃ tˈAbᵊl"},
		{"the desert, to desert", "ðə dˈɛzəɹt, tə dəzˈɜɹt"},
		{"a permit to permit", "ɐ pˈɜɹmɪt tə pəɹmˈɪt"},
		{"refuse the refuse", "ɹəfjˈuz ðə ɹˈɛfjˌus"},
		{"wind the clock in the wind", "wˈInd ðə klˈɑk ɪn ðə wˈɪnd"},
		// Inflections and possessives.
		{"Twombly's emojis", "twˈɑmbliz ɪmˈOʤiz"},
		{"the FBI's agents", "ði ˌɛfbˌiˈIz ˈAʤᵊnts"},
		// Flaps are written T.
		{"butter", "bˈʌTəɹ"},
		// Compounds.
		{"twenty-six", "twˈɛnti sˈɪks"},
		{"well-known", "wˌɛlnˈOn"},
		{"GitHub", "ɡˈɪthˌʌb"},
		{"webpage", "wˈɛbpˌAʤ"},
		{"moonbeams", "mˈunbˌimz"},
		{"e-mail", "ˈimˌAl"},
		// Odd spellings.
		{"sooo heyyyy", "sˌO hˈA"},
		{"dns and pkg", "dˌiˌɛnˈɛs ænd pˌikˌAʤˈi"},
		{"crème brûlée at the café", "kɹˈɛm bɹulˈA æt ðə kæfˈA"},
		// Marks.
		{"“Yes,” she said (softly)…", "“jˈɛs,” ʃi sˈɛd (sˈɔftli)…"},
		{"wait — what?!", "wˈAt — wˌʌt?"},
		{", and so on", "ænd sˌO ˌɔn"},
		{"NOT now", "nˈɑt nˈW"},
		// Several words from one.
		{"2026", "twˈɛnti twˈɛnti sˈɪks"},
		{"555-1234", "fˈIv fˈIv fˈIv, wˈʌn tˈu θɹˈi fˈɔɹ"},
		{"", ""},
		{"日本語", ""},
	} {
		got, err := speller.Phonemize(test.text)
		if err != nil || got.String() != test.want {
			t.Errorf("%s: %q, want %q (error %v)", test.text, got.String(), test.want, err)
		}
	}
}

// vocabulary is what Kokoro can read.
func vocabulary(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile(nativetest.Path(t, "kokoro", "vocab.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vocab map[string]int }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for symbol := range file.Vocab {
		all.WriteString(symbol)
	}
	return all.String()
}

func TestHardSentencesAreSpelled(t *testing.T) {
	speller, known := openReal(t), vocabulary(t)
	for _, sentence := range hardSentences(t) {
		checkPhonemes(t, speller, known, sentence.text)
		phonemes, _ := speller.Phonemize(sentence.text)
		for _, word := range phonemes.Words {
			if word.Phonemes == "" {
				t.Errorf("%s: %q is silent", sentence.text, sentence.text[word.Start:word.End])
			}
		}
	}
}

// checkPhonemes holds what every text must give: words in order inside the text, in Kokoro's vocabulary.
func checkPhonemes(t *testing.T, speller *Speller, known, text string) {
	t.Helper()
	phonemes, err := speller.Phonemize(text)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	end := 0
	for _, word := range phonemes.Words {
		if word.Start < end || word.End <= word.Start || word.End > len(text) {
			t.Errorf("%q: a word at %d to %d after %d", text, word.Start, word.End, end)
		}
		end = word.End
	}
	for _, r := range phonemes.String() {
		if !strings.ContainsRune(known, r) {
			t.Errorf("%q: %q is not in the vocabulary", text, r)
		}
	}
}

func FuzzPhonemize(f *testing.F) {
	speller, known := openReal(f), vocabulary(f)
	for i, sentence := range hardSentences(f) {
		if i%10 == 0 { // all are spelled by a test of their own
			f.Add(sentence.text)
		}
	}
	f.Add("\xff\x00 ’’'' -- ** `` [](x) ((( \u200d ½½ €€ 1/0 00:99 1,,2 #")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		checkPhonemes(t, speller, known, text)
	})
}

func FuzzNormalize(f *testing.F) {
	for i, sentence := range hardSentences(f) {
		if i%10 == 0 {
			f.Add(sentence.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, token := range Normalize(text) {
			if token.Start < end || token.End < token.Start || token.End > len(text) {
				t.Fatalf("%q: token %+v after %d", text, token, end)
			}
			if token.IsWord() == (token.Mark != "") {
				t.Fatalf("%q: token %+v is both or neither of word and mark", text, token)
			}
			if utf8.RuneCountInString(token.Mark) > 1 {
				t.Fatalf("%q: mark %q", text, token.Mark)
			}
			for _, word := range token.Words {
				if word == "" || strings.ContainsAny(word, " \n") {
					t.Fatalf("%q: spoken word %q", text, word)
				}
			}
			end = token.End
		}
	})
}

// TestOpenIsLean bounds what the dictionaries and the net keep in memory.
func TestOpenIsLean(t *testing.T) {
	dir := filepath.Dir(nativetest.Path(t, "english-phonemes", lexicon.GoldFile))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	speller, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(speller)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 20<<20 {
		t.Errorf("%d bytes are kept, at most 20 MiB", kept)
	}
}

func TestOpenMissing(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), lexicon.GoldFile) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := filepath.Dir(nativetest.Path(b, "english-phonemes", lexicon.GoldFile))
	for b.Loop() {
		if _, err := Open(dir); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPhonemize(b *testing.B) {
	speller := openReal(b)
	for b.Loop() {
		if _, err := speller.Phonemize("I think that the weather in Lisbon is lovely at 7:45 in the morning."); err != nil {
			b.Fatal(err)
		}
	}
}
