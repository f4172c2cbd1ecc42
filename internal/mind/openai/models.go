package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"twombly/internal/mind"
)

// listModels asks a server which models it offers.
func listModels(ctx context.Context, c *Client) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Connect+10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+"/models", nil)
	if err != nil {
		return nil, fmt.Errorf("%w: the request to %s can't be made", mind.ErrInvalid, c.base.Host)
	}
	if c.options.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.options.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(err).err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, c.refused(response).err
	}
	body, err := readAll(response.Body, maxModelList)
	if err != nil {
		return nil, c.unavailable("broke off its list of models")
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, c.rubbish("a list of models that can't be read")
	}
	names := []string{}
	for _, model := range list.Data {
		if model.ID != "" {
			names = append(names, model.ID)
		}
	}
	return names, nil
}
