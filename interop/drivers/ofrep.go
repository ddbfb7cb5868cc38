// Driver for OpenFeature's provider for Go that speaks its remote evaluation protocol.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"github.com/open-feature/go-sdk-contrib/providers/ofrep"
	"github.com/open-feature/go-sdk/openfeature"
)

type request struct {
	ID       int    `json:"id"`
	Op       string `json:"op"`
	Secret   string `json:"secret"`
	EventURL string `json:"eventUrl"`
	Flag     string `json:"flag"`
	User     struct {
		Key    string            `json:"key"`
		Name   string            `json:"name"`
		Custom map[string]string `json:"custom"`
	} `json:"user"`
	Type    string `json:"type"`
	Default any    `json:"default"`
}

var (
	client = openfeature.NewClient("interop")
	ready  bool
)

func evaluate(asked request) any {
	attributes := map[string]any{"name": asked.User.Name}
	for name, value := range asked.User.Custom {
		attributes[name] = value
	}
	who, background := openfeature.NewEvaluationContext(asked.User.Key, attributes), context.Background()
	var value any
	switch fallback := asked.Default.(type) {
	case bool:
		value, _ = client.BooleanValue(background, asked.Flag, fallback, who)
	case string:
		value, _ = client.StringValue(background, asked.Flag, fallback, who)
	case float64:
		value, _ = client.FloatValue(background, asked.Flag, fallback, who)
	default:
		value, _ = client.ObjectValue(background, asked.Flag, fallback, who)
	}
	return map[string]any{"value": value}
}

// The result of a call; nil = it is not offered.
func answer(asked request) any {
	switch asked.Op {
	case "hello":
		return map[string]any{"sdk": "ofrep", "version": "", "capabilities": []string{"streaming"}}
	case "create":
		provider := ofrep.NewProvider(asked.EventURL, ofrep.WithBearerToken(asked.Secret))
		ready = openfeature.SetProviderAndWait(provider) == nil
		return map[string]any{}
	case "waitForInitialization":
		if ready {
			return map[string]any{"outcome": "ready"}
		}
		return map[string]any{"outcome": "failed"}
	case "evaluate":
		return evaluate(asked)
	case "close":
		openfeature.Shutdown()
		return map[string]any{}
	case "exit":
		return map[string]any{}
	}
	return nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		reply := map[string]any{"id": asked.ID}
		if result := answer(asked); result != nil {
			reply["result"] = result
		} else {
			reply["error"] = map[string]any{"code": "not-offered", "message": asked.Op}
		}
		if err := json.NewEncoder(os.Stdout).Encode(reply); err != nil || asked.Op == "exit" {
			return
		}
	}
}
