package llama

import (
	"errors"
	"fmt"
	"math/rand/v2"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
	"twombly/internal/mind/grammar"
)

// sampler chooses the next token of one answer: llama.cpp's own samplers in a chain, and a grammar beside it.
type sampler struct {
	engine  *engine
	request mind.Request
	chain   yzma.Sampler
	grammar yzma.Sampler
}

// newDry makes the sampler that makes it unlikely that a phrase of more than 3 tokens is said again ("don't repeat
// yourself"). It goes through the whole vocabulary, which takes 30 to 50 ms, so it is made once and copied.
func newDry(vocab yzma.Vocab) yzma.Sampler {
	return yzma.SamplerInitDry(vocab, 0.8, 1.75, 3, 256, []string{"\n", ":", "\"", "*"})
}

// newSampler makes the sampler of a request; close frees it.
func (e *engine) newSampler(request mind.Request) (*sampler, error) {
	s := &sampler{engine: e, request: request}
	if len(request.Schema) == 0 {
		s.build()
		return s, nil
	}
	rules, err := grammar.FromSchema(request.Schema)
	if err != nil {
		return nil, fmt.Errorf("%w: JSON schema: %w", mind.ErrInvalid, err)
	}
	return s, s.hold(rules, grammar.Root)
}

// hold makes everything from here on obey a grammar.
func (s *sampler) hold(rules, root string) error {
	if s.grammar = yzma.SamplerInitGrammar(s.engine.vocab, rules, root); s.grammar == 0 {
		return fmt.Errorf("%w: llama.cpp did not take the grammar of this JSON schema", mind.ErrInvalid)
	}
	yzma.SamplerFree(s.chain)
	s.build()
	return nil
}

// startsWith holds the answer to a grammar that began one token ago, if that token begins it.
func (s *sampler) startsWith(token yzma.Token, rules, root string) (bool, error) {
	if err := s.hold(rules, root); err != nil {
		return false, err
	}
	if s.allows(token) {
		yzma.SamplerAccept(s.grammar, token)
		return true, nil
	}
	yzma.SamplerFree(s.grammar)
	yzma.SamplerFree(s.chain)
	s.grammar = 0
	s.build()
	return false, nil
}

// build makes the chain.
func (s *sampler) build() {
	e, request := s.engine, s.request
	s.chain = yzma.SamplerChainInit(yzma.SamplerChainParams{NoPerf: 1})
	if s.grammar == 0 {
		yzma.SamplerChainAdd(s.chain, yzma.SamplerClone(e.dry)) // JSON repeats itself rightly
	}
	if request.Temperature <= 0 {
		yzma.SamplerChainAdd(s.chain, yzma.SamplerInitGreedy())
		return
	}
	// The 100 likeliest tokens hold all the probability that makes sense, and sorting them is cheap; of 150,000, not.
	yzma.SamplerChainAdd(s.chain, yzma.SamplerInitTopK(100))
	yzma.SamplerChainAdd(s.chain, yzma.SamplerInitTemp(request.Temperature))
	if request.TopP > 0 && request.TopP < 1 {
		yzma.SamplerChainAdd(s.chain, yzma.SamplerInitTopP(request.TopP, 1))
	}
	seed := request.Seed
	for seed == 0 || seed == yzma.DefaultSeed {
		seed = rand.Uint32()
	}
	yzma.SamplerChainAdd(s.chain, yzma.SamplerInitDist(seed))
}

func (s *sampler) close() {
	yzma.SamplerFree(s.chain)
	yzma.SamplerFree(s.grammar)
}

// next chooses the token after entry index of the last step; it is not to be one that is barred. With a grammar it first chooses freely and asks the
// grammar about that one token, because asking about 150,000 costs more than computing a token does.
func (s *sampler) next(index int, barred func(yzma.Token) bool) (yzma.Token, error) {
	token := yzma.SamplerSample(s.chain, s.engine.context, int32(index))
	if s.grammar == 0 {
		if barred(token) {
			return s.insteadOf(token, index, barred)
		}
		return token, nil
	}
	if !s.allows(token) {
		array, err := s.engine.fill(index)
		if err != nil {
			return 0, err
		}
		yzma.SamplerApply(s.grammar, &array)
		yzma.SamplerApply(s.chain, &array)
		chosen, ok := selected(&array)
		if !ok || chosen.Logit == forbidden {
			return 0, errors.New("llama: no token continues the grammar")
		}
		token = chosen.Id
	}
	if !s.engine.ends(token) {
		yzma.SamplerAccept(s.grammar, token)
	}
	return token, nil
}

// mostBarred is how many tokens are ruled out at one place before one of them is taken all the same.
const mostBarred = 8

// insteadOf chooses another token than one that is barred.
func (s *sampler) insteadOf(token yzma.Token, index int, barred func(yzma.Token) bool) (yzma.Token, error) {
	var ruledOut []yzma.Token
	for barred(token) && len(ruledOut) < mostBarred {
		ruledOut = append(ruledOut, token)
		array, err := s.engine.fill(index)
		if err != nil {
			return 0, err
		}
		for _, out := range ruledOut {
			s.engine.candidates[out].Logit = forbidden
		}
		yzma.SamplerApply(s.chain, &array)
		chosen, ok := selected(&array)
		if !ok {
			return 0, errors.New("llama: no token goes on with the answer")
		}
		token = chosen.Id
	}
	yzma.SamplerAccept(s.chain, token)
	return token, nil
}

// allows asks the grammar about one token.
func (s *sampler) allows(token yzma.Token) bool {
	data := [1]yzma.TokenData{{Id: token, Logit: 1}}
	array := yzma.TokenDataArray{Data: &data[0], Size: 1, Selected: -1}
	yzma.SamplerApply(s.grammar, &array)
	return data[0].Logit != forbidden
}
