package english

import "twombly/internal/speech/english/lexicon"

// names are words that the dictionaries lack and the net gets wrong.
var names = map[string]string{
	"twombly": "twˈɑmbli", "siobhan": "ʃəvˈɔn", "nguyen": "wˈɪn", "saoirse": "sˈɜɹʃə", "niamh": "nˈiv",
	"joaquin": "wɑkˈin", "hermione": "həɹmˈIəni", "xi": "ʃˈi", "zhang": "ʤˈɑŋ", "xiao": "ʃˈW", "google": "ɡˈuɡᵊl",
	"youtube": "jˈutˌub", "github": "ɡˈɪthˌʌb", "kubernetes": "kˌubəɹnˈɛɾiz", "latech": "lˈAtˌɛk", "linux": "lˈɪnəks",
	"postgres": "pˈOstɡɹˌɛs", "emoji": "ɪmˈOʤi", "wi-fi": "wˈIfˌI", "miz": "mˈɪz", "et": "ˌɛt", "cetera": "sˈɛɾəɹə",
	"jon": "ʤˈɑn", "craig": "kɹˈɛɡ", "json": "ʤˈAsᵊn", "jpg": "ʤˈApˌɛɡ", "png": "pˈɪŋ", "plugin": "plˈʌɡˌɪn", "navbar": "nˈævbˌɑɹ",
	"javascript": "ʤˈɑvəskɹˌɪpt", "async": "ˈAsˌɪŋk", "config": "kˈɑnfˌɪɡ", "redis": "ɹˈɛdɪs", "chatgpt": "ʧˌætʤˌipˌitˈi",
	"nth": "ˈɛnθ", "shh": "ʃ", "brr": "bɹ", "grr": "ɡɹ", "mm-hmm": "əmhˈəm",
	"usr": "jˈuzəɹ", "gpt": "ʤˌipˌitˈi", "hashtag": "hˈæʃtˌæɡ", "yaml": "jˈæmᵊl", "oh": "ˈO",
	"café": "kæfˈA", "resumé": "ɹˈɛzəmˌA", "résumé": "ɹˈɛzəmˌA", "fiancée": "fˌiɑnsˈA", "fiancé": "fˌiɑnsˈA",
	"crème": "kɹˈɛm", "brûlée": "bɹulˈA", "voilà": "vwɑlˈɑ", "déjà": "dˌAʒˈɑ",
	"kokoro": "kˈOkəɹO", "zoë": "zˈOi", "chloë": "klˈOi", "renée": "ɹənˈA", "versus": "vˈɜɹsəs",
}

// heteronyms replace entries of the dictionaries that know only one of a word's sounds.
var heteronyms = map[string]lexicon.Entry{
	"lead":   {"DEFAULT": "lˈid", "NOUN": "lˈɛd"},
	"resume": {"DEFAULT": "ɹəzˈum", "NOUN": "ɹˈɛzəmˌA"},
	"bass":   {"DEFAULT": "bˈæs", "ADJ": "bˈAs"},
}
