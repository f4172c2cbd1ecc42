package normalize

import (
	"sort"
	"strings"
)

// unit is a unit of measure, as said of one and of many.
type unit struct{ one, many string }

// unitNames lists units by how they are written, case included.
var unitNames = map[string]unit{
	"%": {"percent", "percent"}, "‰": {"per mille", "per mille"},
	"°C": {"degree Celsius", "degrees Celsius"}, "°F": {"degree Fahrenheit", "degrees Fahrenheit"},
	"℃": {"degree Celsius", "degrees Celsius"}, "℉": {"degree Fahrenheit", "degrees Fahrenheit"},
	"°": {"degree", "degrees"}, "ºC": {"degree Celsius", "degrees Celsius"}, "º": {"degree", "degrees"},
	"km": {"kilometer", "kilometers"}, "m": {"meter", "meters"}, "cm": {"centimeter", "centimeters"},
	"mm": {"millimeter", "millimeters"}, "nm": {"nanometer", "nanometers"}, "µm": {"micrometer", "micrometers"},
	"mi": {"mile", "miles"}, "ft": {"foot", "feet"}, "yd": {"yard", "yards"},
	"km/h": {"kilometer per hour", "kilometers per hour"}, "kph": {"kilometer per hour", "kilometers per hour"},
	"kmh": {"kilometer per hour", "kilometers per hour"}, "m/s": {"meter per second", "meters per second"},
	"mph": {"mile per hour", "miles per hour"}, "mpg": {"mile per gallon", "miles per gallon"},
	"km²": {"square kilometer", "square kilometers"}, "m²": {"square meter", "square meters"},
	"km2": {"square kilometer", "square kilometers"}, "m2": {"square meter", "square meters"},
	"m³": {"cubic meter", "cubic meters"}, "cm³": {"cubic centimeter", "cubic centimeters"},
	"sq ft": {"square foot", "square feet"}, "ha": {"hectare", "hectares"},
	"kg": {"kilogram", "kilograms"}, "g": {"gram", "grams"}, "mg": {"milligram", "milligrams"},
	"µg": {"microgram", "micrograms"}, "lb": {"pound", "pounds"}, "lbs": {"pound", "pounds"}, "oz": {"ounce", "ounces"},
	"l": {"liter", "liters"}, "L": {"liter", "liters"}, "ml": {"milliliter", "milliliters"},
	"mL": {"milliliter", "milliliters"}, "cl": {"centiliter", "centiliters"}, "dl": {"deciliter", "deciliters"},
	"tbsp": {"tablespoon", "tablespoons"}, "tsp": {"teaspoon", "teaspoons"}, "gal": {"gallon", "gallons"},
	"kB": {"kilobyte", "kilobytes"}, "KB": {"kilobyte", "kilobytes"}, "MB": {"megabyte", "megabytes"},
	"GB": {"gigabyte", "gigabytes"}, "TB": {"terabyte", "terabytes"}, "PB": {"petabyte", "petabytes"},
	"KiB": {"kibibyte", "kibibytes"}, "MiB": {"mebibyte", "mebibytes"}, "GiB": {"gibibyte", "gibibytes"},
	"kbps": {"kilobit per second", "kilobits per second"}, "Mbps": {"megabit per second", "megabits per second"},
	"Gbps": {"gigabit per second", "gigabits per second"}, "MB/s": {"megabyte per second", "megabytes per second"},
	"GB/s": {"gigabyte per second", "gigabytes per second"},
	"Hz":   {"hertz", "hertz"}, "kHz": {"kilohertz", "kilohertz"}, "MHz": {"megahertz", "megahertz"},
	"GHz": {"gigahertz", "gigahertz"}, "dB": {"decibel", "decibels"}, "fps": {"frame per second", "frames per second"},
	"rpm": {"revolution per minute", "revolutions per minute"}, "bpm": {"beat per minute", "beats per minute"},
	"W": {"watt", "watts"}, "kW": {"kilowatt", "kilowatts"}, "MW": {"megawatt", "megawatts"},
	"kWh": {"kilowatt hour", "kilowatt hours"}, "V": {"volt", "volts"}, "mA": {"milliamp", "milliamps"},
	"mAh": {"milliamp hour", "milliamp hours"}, "kcal": {"kilocalorie", "kilocalories"}, "cal": {"calorie", "calories"},
	"hPa": {"hectopascal", "hectopascals"}, "px": {"pixel", "pixels"},
	"s": {"second", "seconds"}, "sec": {"second", "seconds"}, "secs": {"second", "seconds"},
	"ms": {"millisecond", "milliseconds"}, "µs": {"microsecond", "microseconds"}, "ns": {"nanosecond", "nanoseconds"},
	"min": {"minute", "minutes"}, "mins": {"minute", "minutes"}, "h": {"hour", "hours"}, "hr": {"hour", "hours"},
	"hrs": {"hour", "hours"}, "yr": {"year", "years"}, "yrs": {"year", "years"},
	"USD": {"dollar", "dollars"}, "EUR": {"euro", "euros"}, "GBP": {"pound", "pounds"}, "€": {"euro", "euros"},
	"$": {"dollar", "dollars"}, "£": {"pound", "pounds"}, "¢": {"cent", "cents"}, "c": {"cent", "cents"},
	"x": {"times", "times"}, "×": {"times", "times"}, "p": {"P", "P"}, "K": {"K", "K"},
}

// attachedOnly units are letters that only mean the unit when they touch the figure.
var attachedOnly = wordSet("s h c x × p K V W $ L g")

// dottedUnits may be abbreviated with a full stop ("5 min.").
var dottedUnits = wordSet("min mins sec secs hr hrs yr yrs ft oz lb lbs tbsp tsp mi yd gal")

var unitsByLength = sortedUnits()

func sortedUnits() []string {
	names := make([]string, 0, len(unitNames))
	for name := range unitNames {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if len(names[i]) != len(names[j]) {
			return len(names[i]) > len(names[j])
		}
		return names[i] < names[j]
	})
	return names
}

// unitAhead finds a unit after a figure of n bytes: the blanks or hyphen before it, and its name.
func (s *scanner) unitAhead(n int) (space int, name string) {
	rest := s.rest()[n:]
	trimmed := strings.TrimPrefix(rest, " ")
	trimmed = strings.TrimPrefix(trimmed, "\u00a0")
	trimmed = strings.TrimPrefix(trimmed, "\u202f")
	space = len(rest) - len(trimmed)
	if space == 0 && strings.HasPrefix(rest, "-") {
		trimmed, space = rest[1:], 1
	}
	for _, name := range unitsByLength {
		if !strings.HasPrefix(trimmed, name) || !s.ends(n+space+len(name)) {
			continue
		}
		if space > 0 && attachedOnly[name] {
			continue
		}
		after := trimmed[len(name):]
		if strings.HasPrefix(after, "'") || strings.HasPrefix(after, "’") || strings.HasPrefix(after, "-") && len(name) == 1 {
			continue
		}
		return space, name
	}
	return 0, ""
}
