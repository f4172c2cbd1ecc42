package realtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// Bounds of what a call's offer may be.
const (
	maxOfferBytes   = 128 << 10
	maxSessionBytes = 128 << 10
)

// errOffer means that a request holds no offer of a call.
var errOffer = errors.New("no offer of a call")

// offer is what a client sends to begin a call over WebRTC.
type offer struct {
	sdp     string
	session json.RawMessage // the session's settings, may be empty
}

// readOffer reads the body of a request: the SDP itself as application/sdp, or multipart/form-data with the parts "sdp"
// and, if wanted, "session".
func readOffer(r *http.Request) (offer, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return offer{}, fmt.Errorf("%w: its content type can't be read", errOffer)
	}
	switch kind {
	case "application/sdp":
		text, err := readBounded(r.Body, maxOfferBytes)
		if err != nil {
			return offer{}, err
		}
		return checkOffer(offer{sdp: string(text)})
	case "multipart/form-data":
		return readParts(multipart.NewReader(r.Body, parameters["boundary"]))
	}
	return offer{}, fmt.Errorf("%w: send application/sdp or multipart/form-data, not %q", errOffer, shorten(kind, 100))
}

// readParts reads the parts of a form.
func readParts(reader *multipart.Reader) (offer, error) {
	var found offer
	for range 8 { // more parts than these mean something else
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return checkOffer(found)
		}
		if err != nil {
			return offer{}, fmt.Errorf("%w: its form is damaged", errOffer)
		}
		switch part.FormName() {
		case "sdp":
			text, err := readBounded(part, maxOfferBytes)
			if err != nil {
				return offer{}, err
			}
			found.sdp = string(text)
		case "session":
			if found.session, err = readBounded(part, maxSessionBytes); err != nil {
				return offer{}, err
			}
		}
	}
	return offer{}, fmt.Errorf("%w: its form has too many parts", errOffer)
}

// checkOffer refuses what can't be an offer.
func checkOffer(o offer) (offer, error) {
	if !strings.HasPrefix(o.sdp, "v=0") {
		return offer{}, fmt.Errorf("%w: there is no SDP in it", errOffer)
	}
	if len(o.session) > 0 && !json.Valid(o.session) {
		return offer{}, fmt.Errorf("%w: its session is not JSON", errOffer)
	}
	return o, nil
}

// readBounded reads all, up to limit bytes.
func readBounded(reader io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: it could not be read: %w", errOffer, err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", errOffer, limit)
	}
	return text, nil
}
