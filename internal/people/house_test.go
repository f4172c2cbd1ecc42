package people_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"twombly/internal/people"
	"twombly/internal/people/peopletest"
)

var pepper = bytes.Repeat([]byte{7}, 32)

func open(t *testing.T, store people.Store) *people.House {
	t.Helper()
	house, err := people.Open(t.Context(), store, people.Options{Pepper: pepper})
	if err != nil {
		t.Fatal(err)
	}
	return house
}

func TestMemoryKeepsThePromises(t *testing.T) {
	stores := map[string]*peopletest.Memory{}
	peopletest.Store(t, func(t *testing.T) people.Store {
		if stores[t.Name()] == nil {
			stores[t.Name()] = &peopletest.Memory{}
		}
		return stores[t.Name()]
	})
}

func TestHouseIsTheSameAfterRestart(t *testing.T) {
	store := &peopletest.Memory{}
	first := open(t, store)
	again := open(t, store)
	if first.Owner().ID == "" || !first.Owner().Owner || first.Owner().ID != again.Owner().ID {
		t.Errorf("owners %+v and %+v", first.Owner(), again.Owner())
	}
	if len(first.Instance()) != 8 || first.Instance() != again.Instance() {
		t.Errorf("instances %q and %q", first.Instance(), again.Instance())
	}
	if other := open(t, &peopletest.Memory{}); other.Instance() == first.Instance() || other.Owner().ID == first.Owner().ID {
		t.Error("two houses are one")
	}
}

func TestPepperIsNeeded(t *testing.T) {
	if _, err := people.Open(t.Context(), &peopletest.Memory{}, people.Options{Pepper: []byte("short")}); err == nil {
		t.Error("a short pepper was taken")
	}
	// The same store under another pepper lets nobody in: the hashes are keyed.
	store := &peopletest.Memory{}
	token, _, err := open(t, store).CreateToken(t.Context(), "bridge")
	if err != nil {
		t.Fatal(err)
	}
	other, err := people.Open(t.Context(), store, people.Options{Pepper: bytes.Repeat([]byte{8}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Token(t.Context(), token); !errors.Is(err, people.ErrWrong) {
		t.Errorf("a token under another pepper: %v", err)
	}
}

func TestOwnerLink(t *testing.T) {
	t.Run("lets in once", func(t *testing.T) {
		house := open(t, &peopletest.Memory{})
		link, err := house.OwnerLink(t.Context())
		if err != nil || len(link.Secret) != people.SecretLength {
			t.Fatalf("%+v, %v", link, err)
		}
		secret, caller, err := house.Enter(t.Context(), link.Secret, "Firefox on Android")
		if err != nil || caller.Person.ID != house.Owner().ID || caller.Way != people.BySession || caller.Name != "Firefox on Android" {
			t.Fatalf("%+v, %v", caller, err)
		}
		if again, err := house.Session(t.Context(), secret); err != nil || again.CredentialID != caller.CredentialID {
			t.Errorf("%+v, %v", again, err)
		}
		if _, _, err := house.Enter(t.Context(), link.Secret, ""); !errors.Is(err, people.ErrUsed) {
			t.Errorf("used twice: %v", err)
		}
	})
	t.Run("also when many come at once", func(t *testing.T) {
		house := open(t, &peopletest.Memory{})
		link, err := house.OwnerLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var entered atomic.Int32
		var waiting sync.WaitGroup
		for range 20 {
			waiting.Go(func() {
				if _, _, err := house.Enter(t.Context(), link.Secret, ""); err == nil {
					entered.Add(1)
				} else if !errors.Is(err, people.ErrUsed) {
					t.Error(err)
				}
			})
		}
		waiting.Wait()
		if entered.Load() != 1 {
			t.Errorf("%d came in by one link", entered.Load())
		}
	})
	t.Run("is good for ten minutes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			house := open(t, &peopletest.Memory{})
			early, _ := house.OwnerLink(t.Context())
			late, _ := house.OwnerLink(t.Context())
			time.Sleep(people.LinkLife - time.Second)
			if _, _, err := house.Enter(t.Context(), early.Secret, ""); err != nil {
				t.Errorf("a second before its end: %v", err)
			}
			time.Sleep(time.Second)
			if _, _, err := house.Enter(t.Context(), late.Secret, ""); !errors.Is(err, people.ErrExpired) {
				t.Errorf("at its end: %v", err)
			}
			time.Sleep(48 * time.Hour)
			if _, err := house.OwnerLink(t.Context()); err != nil { // forgets the old ones
				t.Fatal(err)
			}
			if _, _, err := house.Enter(t.Context(), late.Secret, ""); !errors.Is(err, people.ErrWrong) {
				t.Errorf("two days later: %v", err)
			}
		})
	})
	t.Run("survives a restart", func(t *testing.T) {
		store := &peopletest.Memory{}
		link, _ := open(t, store).OwnerLink(t.Context())
		if _, _, err := open(t, store).Enter(t.Context(), link.Secret, ""); err != nil {
			t.Error(err)
		}
		if _, _, err := open(t, store).Enter(t.Context(), link.Secret, ""); !errors.Is(err, people.ErrUsed) {
			t.Errorf("a restart made it good again: %v", err)
		}
	})
	t.Run("wrong", func(t *testing.T) {
		house := open(t, &peopletest.Memory{})
		link, _ := house.OwnerLink(t.Context())
		bits, _ := base64.RawURLEncoding.DecodeString(link.Secret)
		bits[0] ^= 1
		for name, secret := range map[string]string{
			"empty":            "",
			"short":            link.Secret[:42],
			"long":             link.Secret + "A",
			"one bit off":      base64.RawURLEncoding.EncodeToString(bits),
			"another spelling": otherSpelling(link.Secret),
			"a line more":      link.Secret[:42] + "\n",
		} {
			if _, _, err := house.Enter(t.Context(), secret, ""); !errors.Is(err, people.ErrWrong) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := house.Enter(t.Context(), link.Secret, ""); err != nil {
			t.Errorf("wrong tries spent the link: %v", err)
		}
	})
}

// otherSpelling sets the bits that base64url leaves unused at the end of 32 bytes: a lax decoder reads the same secret.
func otherSpelling(secret string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, secret[42])
	return secret[:42] + string(alphabet[last|1])
}

func TestSession(t *testing.T) {
	enter := func(t *testing.T, house *people.House) (string, people.Caller) {
		link, err := house.OwnerLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		secret, caller, err := house.Enter(t.Context(), link.Secret, "phone")
		if err != nil {
			t.Fatal(err)
		}
		return secret, caller
	}
	t.Run("ends at sign-out", func(t *testing.T) {
		house := open(t, &peopletest.Memory{})
		secret, caller := enter(t, house)
		other, _ := enter(t, house)
		if err := house.SignOut(t.Context(), caller.CredentialID); err != nil {
			t.Fatal(err)
		}
		if _, err := house.Session(t.Context(), secret); !errors.Is(err, people.ErrWrong) {
			t.Errorf("after sign-out: %v", err)
		}
		if _, err := house.Session(t.Context(), other); err != nil {
			t.Errorf("the other device: %v", err)
		}
		if sessions, err := house.Sessions(t.Context()); err != nil || len(sessions) != 1 {
			t.Errorf("%+v, %v", sessions, err)
		}
	})
	t.Run("lives from its last use", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			house := open(t, &peopletest.Memory{})
			used, _ := enter(t, house)
			unused, _ := enter(t, house)
			time.Sleep(people.SessionLife - time.Hour)
			if _, err := house.Session(t.Context(), used); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Hour)
			if _, err := house.Session(t.Context(), used); err != nil {
				t.Errorf("a session in use ended: %v", err)
			}
			if _, err := house.Session(t.Context(), unused); !errors.Is(err, people.ErrWrong) {
				t.Errorf("an unused one lives on: %v", err)
			}
		})
	})
	t.Run("use writes at most once a day", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &peopletest.Memory{}
			house := open(t, store)
			secret, _ := enter(t, house)
			before := store.Writes
			for range 1000 {
				if _, err := house.Session(t.Context(), secret); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
			}
			if store.Writes != before {
				t.Errorf("%d writes in less than a day", store.Writes-before)
			}
			time.Sleep(24 * time.Hour)
			if _, err := house.Session(t.Context(), secret); err != nil || store.Writes != before+1 {
				t.Errorf("%d writes after a day, %v", store.Writes-before, err)
			}
		})
	})
}

func TestToken(t *testing.T) {
	house := open(t, &peopletest.Memory{})
	token, about, err := house.CreateToken(t.Context(), "bridge")
	if err != nil || !strings.HasPrefix(token, people.TokenPrefix) || about.Name != "bridge" {
		t.Fatalf("%q, %+v, %v", token, about, err)
	}
	caller, err := house.Token(t.Context(), token)
	if err != nil || caller.Way != people.ByToken || caller.Name != "bridge" || !caller.Person.Owner {
		t.Errorf("%+v, %v", caller, err)
	}
	if _, _, err := house.CreateToken(t.Context(), "bridge"); !errors.Is(err, people.ErrNameTaken) {
		t.Errorf("the same name: %v", err)
	}
	for _, name := range []string{"", strings.Repeat("x", 101), "two\nlines", " space", "\xff"} {
		if _, _, err := house.CreateToken(t.Context(), name); !errors.Is(err, people.ErrBadName) {
			t.Errorf("the name %q: %v", name, err)
		}
	}
	for _, wrong := range []string{"", "twombly_", strings.TrimPrefix(token, people.TokenPrefix), token + "x", token[:len(token)-1]} {
		if _, err := house.Token(t.Context(), wrong); !errors.Is(err, people.ErrWrong) {
			t.Errorf("the token %q: %v", wrong, err)
		}
	}
	if _, err := house.Session(t.Context(), strings.TrimPrefix(token, people.TokenPrefix)); !errors.Is(err, people.ErrWrong) {
		t.Errorf("a token as a session: %v", err)
	}
	if tokens, err := house.Tokens(t.Context()); err != nil || len(tokens) != 1 || tokens[0].Used.IsZero() {
		t.Errorf("%+v, %v", tokens, err)
	}
	if err := house.RevokeToken(t.Context(), "none"); !errors.Is(err, people.ErrNoToken) {
		t.Errorf("revoking none: %v", err)
	}
	if err := house.RevokeToken(t.Context(), "bridge"); err != nil {
		t.Fatal(err)
	}
	if _, err := house.Token(t.Context(), token); !errors.Is(err, people.ErrWrong) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestEndedIsTold(t *testing.T) {
	var told []string
	house, err := people.Open(t.Context(), &peopletest.Memory{}, people.Options{Pepper: pepper, Ended: func(id string) { told = append(told, id) }})
	if err != nil {
		t.Fatal(err)
	}
	link, _ := house.OwnerLink(t.Context())
	_, caller, err := house.Enter(t.Context(), link.Secret, "")
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := house.CreateToken(t.Context(), "bridge")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(house.SignOut(t.Context(), caller.CredentialID), house.RevokeToken(t.Context(), "bridge")); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || told[0] != caller.CredentialID || told[1] != token.ID {
		t.Errorf("told %v", told)
	}
}

// TestNoSecretAtRest looks for every secret, whole and decoded, in everything the store was ever given.
func TestNoSecretAtRest(t *testing.T) {
	recording := &recorder{Memory: &peopletest.Memory{}}
	house := open(t, recording)
	link, _ := house.OwnerLink(t.Context())
	session, _, err := house.Enter(t.Context(), link.Secret, "phone")
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := house.CreateToken(t.Context(), "bridge")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := house.Token(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"link": link.Secret, "session": session, "token": strings.TrimPrefix(token, people.TokenPrefix)} {
		bits, err := base64.RawURLEncoding.DecodeString(secret)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(recording.all.Bytes(), []byte(secret)) || bytes.Contains(recording.all.Bytes(), bits) {
			t.Errorf("the secret of the %s is in the store", name)
		}
	}
	if recording.all.Len() == 0 {
		t.Error("nothing was recorded")
	}
}

type recorder struct {
	*peopletest.Memory
	all bytes.Buffer
}

func (r *recorder) Put(ctx context.Context, bucket people.Bucket, key string, value []byte) error {
	r.all.WriteString(key)
	r.all.Write(value)
	return r.Memory.Put(ctx, bucket, key, value)
}

// FuzzEnter gives Enter anything: only the one right spelling of the secret comes in, and nothing panics.
func FuzzEnter(f *testing.F) {
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("twombly_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		house := open(t, &peopletest.Memory{})
		link, err := house.OwnerLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := house.Enter(t.Context(), text, text); !errors.Is(err, people.ErrWrong) {
			t.Errorf("%q: %v", text, err)
		}
		_, caller, err := house.Enter(t.Context(), link.Secret, text)
		if err != nil || len(caller.Name) > 100 || strings.ContainsAny(caller.Name, "\r\n\x00") {
			t.Errorf("device %q: %+v, %v", text, caller, err)
		}
	})
}
