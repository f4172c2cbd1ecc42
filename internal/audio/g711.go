package audio

// G.711 (ITU-T G.711, 11/88): 8-bit logarithmic coding of telephone sound at 8 kHz, in its two laws.

// G711Rate is the rate of G.711 sound in Hz.
const G711Rate = 8000

// muLawBias is added before the logarithm of the μ-law (ITU-T G.711, table 2).
const muLawBias = 0x84

// muLawClip is the largest magnitude that the μ-law has a code for.
const muLawClip = 32635

// muLawDecoded and aLawDecoded are the samples of all codes.
var muLawDecoded, aLawDecoded = g711Tables()

func g711Tables() (mu, a [256]float32) {
	for code := range 256 {
		mu[code] = float32(decodeMuLaw(byte(code))) / pcm16Scale
		a[code] = float32(decodeALaw(byte(code))) / pcm16Scale
	}
	return mu, a
}

func decodeMuLaw(code byte) int {
	code = ^code
	magnitude := (int(code&0x0F)<<3+muLawBias)<<(code>>4&7) - muLawBias
	if code&0x80 != 0 {
		return -magnitude
	}
	return magnitude
}

func decodeALaw(code byte) int {
	code ^= 0x55
	magnitude := int(code&0x0F)<<4 + 8
	if segment := code >> 4 & 7; segment > 0 {
		magnitude = (magnitude + 0x100) << (segment - 1)
	}
	if code&0x80 == 0 {
		return -magnitude
	}
	return magnitude
}

// DecodeMuLaw appends the samples of μ-law codes to dst.
func DecodeMuLaw(dst []float32, codes []byte) []float32 {
	for _, code := range codes {
		dst = append(dst, muLawDecoded[code])
	}
	return dst
}

// DecodeALaw appends the samples of A-law codes to dst.
func DecodeALaw(dst []float32, codes []byte) []float32 {
	for _, code := range codes {
		dst = append(dst, aLawDecoded[code])
	}
	return dst
}

// AppendMuLaw appends samples to dst as μ-law codes, one byte each.
func AppendMuLaw(dst []byte, samples []float32) []byte {
	for _, sample := range samples {
		dst = append(dst, encodeMuLaw(int(ToInt16(sample))))
	}
	return dst
}

// AppendALaw appends samples to dst as A-law codes, one byte each.
func AppendALaw(dst []byte, samples []float32) []byte {
	for _, sample := range samples {
		dst = append(dst, encodeALaw(int(ToInt16(sample))))
	}
	return dst
}

func encodeMuLaw(sample int) byte {
	sign := 0
	if sample < 0 {
		sign, sample = 0x80, -sample
	}
	sample = min(sample, muLawClip) + muLawBias
	segment := 7
	for mask := 0x4000; segment > 0 && sample&mask == 0; mask >>= 1 {
		segment--
	}
	return ^byte(sign | segment<<4 | sample>>(segment+3)&0x0F)
}

func encodeALaw(sample int) byte {
	sign := 0x80
	if sample < 0 {
		sign, sample = 0, -sample-1
	}
	code := sample >> 4
	if sample >= 0x100 {
		segment := 7
		for mask := 0x4000; segment > 1 && sample&mask == 0; mask >>= 1 {
			segment--
		}
		code = segment<<4 | sample>>(segment+3)&0x0F
	}
	return byte(sign|code) ^ 0x55
}
