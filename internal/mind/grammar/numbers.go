package grammar

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// bounds reads minimum, maximum and their exclusive forms as whole numbers; nil is no bound.
func bounds(s *object, place string) (low, high *big.Int, err error) {
	for _, keyword := range []string{"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"} {
		value, there := s.get(keyword)
		if !there {
			continue
		}
		number, ok := value.(json.Number)
		if !ok {
			return nil, nil, fmt.Errorf("%s: %s is not a number", place, keyword)
		}
		if len(number) > 15 || strings.ContainsAny(number.String(), "eE") {
			return nil, nil, fmt.Errorf("%s: %s of more than 15 digits: %w", place, keyword, ErrUnsupported)
		}
		rational, ok := new(big.Rat).SetString(number.String())
		if !ok || !rational.IsInt() {
			return nil, nil, fmt.Errorf("%s: %s that is not whole: %w", place, keyword, ErrUnsupported)
		}
		bound := new(big.Int).Set(rational.Num())
		switch keyword {
		case "minimum":
			low = larger(low, bound)
		case "exclusiveMinimum":
			low = larger(low, bound.Add(bound, big.NewInt(1)))
		case "maximum":
			high = smaller(high, bound)
		case "exclusiveMaximum":
			high = smaller(high, bound.Sub(bound, big.NewInt(1)))
		}
	}
	if low != nil && high != nil && low.Cmp(high) > 0 {
		return nil, nil, fmt.Errorf("%s: no number lies between %s and %s", place, low, high)
	}
	return low, high, nil
}

func larger(a, b *big.Int) *big.Int {
	if a == nil || b.Cmp(a) > 0 {
		return b
	}
	return a
}

func smaller(a, b *big.Int) *big.Int {
	if a == nil || b.Cmp(a) < 0 {
		return b
	}
	return a
}

// farthest stands for no bound: 15 digits, which every JSON reader keeps exactly.
var farthest = new(big.Int).Sub(new(big.Int).Exp(big.NewInt(10), big.NewInt(15), nil), big.NewInt(1))

func (c *converter) integerType(s *object, place string) (string, error) {
	low, high, err := bounds(s, place)
	if err != nil {
		return "", err
	}
	return between(low, high, func(from, to *big.Int) string { return digits(from.String(), to.String()) })
}

// numberType writes numbers with up to 15 digits after the point, and no exponent.
func (c *converter) numberType(s *object, place string) (string, error) {
	for _, keyword := range []string{"exclusiveMinimum", "exclusiveMaximum"} {
		if has(s, keyword) {
			return "", fmt.Errorf("%s: %s for a number: %w", place, keyword, ErrUnsupported)
		}
	}
	low, high, err := bounds(s, place)
	if err != nil {
		return "", err
	}
	return between(low, high, func(from, to *big.Int) string {
		exact := fmt.Sprintf(`%s ("." "0"{1,15})?`, literal(to.String()))
		if from.Cmp(to) == 0 {
			return exact
		}
		below := new(big.Int).Sub(to, big.NewInt(1))
		return fmt.Sprintf(`(%s ("." [0-9]{1,15})? | %s)`, digits(from.String(), below.String()), exact)
	})
}

// between splits a range at zero: negative numbers are a minus sign and the mirrored range.
func between(low, high *big.Int, positive func(from, to *big.Int) string) (string, error) {
	if low == nil {
		low = new(big.Int).Neg(farthest)
	}
	if high == nil {
		high = farthest
	}
	if low.Cmp(high) > 0 {
		return "", fmt.Errorf("a bound of more than 15 digits: %w", ErrUnsupported)
	}
	zero := new(big.Int)
	var choices []string
	if high.Sign() >= 0 {
		choices = append(choices, positive(larger(zero, low), high))
	}
	if low.Sign() < 0 {
		from := larger(zero, new(big.Int).Neg(high))
		if from.Sign() == 0 {
			from = big.NewInt(1) // -0.5 is lost, -0 is not wanted
		}
		to := new(big.Int).Neg(low)
		if from.Cmp(to) <= 0 {
			choices = append(choices, `"-" `+positive(from, to))
		}
	}
	return choice(choices), nil
}

// digits is a pattern of the whole numbers from one to the other, both without a sign.
func digits(from, to string) string {
	var choices []string
	for len(from) < len(to) {
		nines := strings.Repeat("9", len(from))
		choices = append(choices, sameLength(from, nines))
		from = "1" + strings.Repeat("0", len(from))
	}
	choices = append(choices, sameLength(from, to))
	return choice(choices)
}

// sameLength is a pattern of the whole numbers between two of equally many digits.
func sameLength(from, to string) string {
	if from == "" {
		return `""`
	}
	rest := len(from) - 1
	if from[0] == to[0] {
		if rest == 0 {
			return digit(from[0], to[0])
		}
		return digit(from[0], to[0]) + " " + sameLength(from[1:], to[1:])
	}
	if rest == 0 {
		return digit(from[0], to[0])
	}
	zeros, nines := strings.Repeat("0", rest), strings.Repeat("9", rest)
	var choices []string
	first, last := from[0], to[0]
	if from[1:] != zeros {
		choices = append(choices, digit(first, first)+" "+sameLength(from[1:], nines))
		first++
	}
	if to[1:] != nines {
		choices = append(choices, digit(last, last)+" "+sameLength(zeros, to[1:]))
		last--
	}
	if first <= last {
		choices = append(choices, fmt.Sprintf("%s [0-9]{%d}", digit(first, last), rest))
	}
	return choice(choices)
}

func digit(from, to byte) string {
	if from == to {
		return fmt.Sprintf("%q", string(from))
	}
	return fmt.Sprintf("[%c-%c]", from, to)
}
