// Driver for github.com/featbit/featbit-go-sdk, as its README uses it: a module of its own that requires the SDK.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/featbit/featbit-go-sdk"
	"github.com/featbit/featbit-go-sdk/factories"
	"github.com/featbit/featbit-go-sdk/interfaces"
)

type user struct {
	Key    string                 `json:"key"`
	Name   string                 `json:"name"`
	Custom map[string]interface{} `json:"custom"`
}

type request struct {
	ID           int                `json:"id"`
	Op           string             `json:"op"`
	Client       string             `json:"client"`
	Secret       string             `json:"secret"`
	Mode         string             `json:"mode"`
	StreamingURL string             `json:"streamingUrl"`
	EventURL     string             `json:"eventUrl"`
	Offline      bool               `json:"offline"`
	Bootstrap    *string            `json:"bootstrap"`
	NoEvents     bool               `json:"disableEvents"`
	Settings     map[string]float64 `json:"settings"`
	TimeoutMs    float64            `json:"timeoutMs"`
	Flag         string             `json:"flag"`
	User         user               `json:"user"`
	Type         string             `json:"type"`
	Default      interface{}        `json:"default"`
	EventName    string             `json:"eventName"`
	Value        interface{}        `json:"value"`
}

type object = map[string]interface{}

var (
	notOffered = errors.New("not offered")
	clients    = map[string]*featbit.FBClient{}
	lock       sync.Mutex
	reasons    = map[string]string{
		featbit.ReasonFlagOff: "Off", featbit.ReasonTargetMatch: "TargetMatch", featbit.ReasonRuleMatch: "RuleMatch",
		featbit.ReasonFallthrough: "Fallthrough", featbit.ReasonClientNotReady: "ClientNotReady",
		featbit.ReasonWrongType: "WrongType",
	}
	capabilities = []string{"streaming", "offline", "bootstrap", "disableEvents", "initialized", "track",
		"identify", "flush", "eventQueueLimit"}
	// Answered in a goroutine of its own: it takes its time.
	slow = map[string]bool{"waitForInitialization": true, "close": true}
)

func clientOf(name string) *featbit.FBClient {
	lock.Lock()
	defer lock.Unlock()
	return clients[name]
}

// The builder gives a user its key for a name, and takes texts for attributes. A null attribute is absent.
func userOf(from user) (interfaces.FBUser, error) {
	builder := interfaces.NewUserBuilder(from.Key)
	if from.Name != "" {
		builder.UserName(from.Name)
	}
	for name, value := range from.Custom {
		if value != nil {
			builder.Custom(name, fmt.Sprint(value))
		}
	}
	return builder.Build()
}

// JSON has no NaN and no infinities; the suite sends their names.
func numberOf(value interface{}) float64 {
	number, _ := strconv.ParseFloat(fmt.Sprint(value), 64)
	return number
}

// The version that was compiled in.
func versionOf() string {
	if info, known := debug.ReadBuildInfo(); known {
		for _, module := range info.Deps {
			if module.Path == "github.com/featbit/featbit-go-sdk" {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return "unknown"
}

func create(asked request) (object, error) {
	if asked.Mode == "polling" {
		return nil, notOffered
	}
	config := *featbit.DefaultFBConfig
	config.StartWait = 0
	config.LogLevel = featbit.ERROR
	config.Offline = asked.Offline
	wish := func(name string, with func(time.Duration)) {
		if value, given := asked.Settings[name]; given {
			with(time.Duration(value) * time.Millisecond)
		}
	}
	network, streaming := factories.NewNetworkBuilder(), factories.NewStreamingBuilder()
	events := factories.NewInsightProcessorBuilder()
	wish("connectTimeoutMs", func(time time.Duration) { network.ConnectTime(time) })
	wish("eventRequestTimeoutMs", func(time time.Duration) { network.ReadTime(time) })
	wish("firstRetryDelayMs", func(time time.Duration) { streaming.FirstRetryDelay(time) })
	wish("flushIntervalMs", func(time time.Duration) { events.FlushInterval(time) })
	wish("eventRetryIntervalMs", func(time time.Duration) { events.RetryInterval(time) })
	if times, given := asked.Settings["eventMaxRetries"]; given {
		events.MaxRetryTimes(int(times))
	}
	if count, given := asked.Settings["maxEventsInQueue"]; given {
		events.Capacity(int(count))
	}
	config.NetworkFactory, config.DataSynchronizerFactory, config.InsightProcessorFactory = network, streaming, events
	if asked.NoEvents {
		config.InsightProcessorFactory = factories.ExternalEventTrack()
	}
	client, err := featbit.MakeCustomFBClient(asked.Secret, asked.StreamingURL, asked.EventURL, config)
	if client == nil {
		return nil, err
	}
	lock.Lock()
	clients[asked.Client] = client
	lock.Unlock()
	if asked.Bootstrap != nil {
		_, err = client.InitializeFromExternalJson(*asked.Bootstrap)
		return nil, err
	}
	return nil, nil
}

func evaluate(asked request) (object, error) {
	client := clientOf(asked.Client)
	who, err := userOf(asked.User)
	if err != nil {
		return nil, err
	}
	var value interface{}
	var detail interfaces.EvalDetail
	// What is returned beside the value says why it is the default; the value is there all the same.
	switch asked.Type {
	case "string":
		fallback, _ := asked.Default.(string)
		value, detail, _ = client.Variation(asked.Flag, who, fallback)
	case "boolean":
		fallback, _ := asked.Default.(bool)
		value, detail, _ = client.BoolVariation(asked.Flag, who, fallback)
	case "number":
		value, detail, _ = client.DoubleVariation(asked.Flag, who, numberOf(asked.Default))
	default:
		value, detail, _ = client.JsonVariation(asked.Flag, who, asked.Default)
	}
	if number, is := value.(float64); is && (math.IsInf(number, 0) || math.IsNaN(number)) {
		value = fmt.Sprint(number)
	}
	reason, known := reasons[detail.Reason]
	if !known {
		reason = "Error"
	}
	return object{"value": value, "reason": reason}, nil
}

func answer(asked request) (result object, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			fmt.Fprintln(os.Stderr, string(debug.Stack()))
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	client := clientOf(asked.Client)
	switch asked.Op {
	case "hello":
		about := object{"sdk": "featbit-go-sdk", "version": versionOf(), "language": "Go", "reconnectMs": 2000}
		about["capabilities"] = capabilities
		return about, nil
	case "create":
		return create(asked)
	case "waitForInitialization":
		wait := time.Duration(asked.TimeoutMs) * time.Millisecond
		if client.IsInitialized() || client.GetDataUpdateStatusProvider().WaitForOKState(wait) {
			return object{"outcome": "ready"}, nil
		}
		return object{"outcome": "timeout"}, nil
	case "initialized":
		return object{"initialized": client.IsInitialized()}, nil
	case "evaluate":
		return evaluate(asked)
	case "track", "identify":
		who, err := userOf(asked.User)
		if err != nil {
			return nil, err
		}
		if asked.Op == "identify" {
			return nil, client.Identify(who)
		}
		if asked.Value == nil {
			return nil, client.TrackPercentageMetric(who, asked.EventName)
		}
		return nil, client.TrackNumericMetric(who, asked.EventName, numberOf(asked.Value))
	case "flush":
		return nil, client.Flush()
	case "close":
		return nil, client.Close()
	}
	return nil, notOffered
}

func main() {
	// The SDK logs to standard output, which belongs to the replies.
	output := os.Stdout
	os.Stdout = os.Stderr
	var writing sync.Mutex
	reply := func(asked request) {
		result, err := answer(asked)
		message := object{"id": asked.ID, "result": result}
		if result == nil {
			message["result"] = object{}
		}
		if err != nil {
			code := "threw"
			if err == notOffered {
				code = "not-offered"
			}
			message = object{"id": asked.ID, "error": object{"code": code, "message": err.Error()}}
		}
		writing.Lock()
		defer writing.Unlock()
		_ = json.NewEncoder(output).Encode(message)
	}
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber() // So that a number is written as it came.
		if err := decoder.Decode(&asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		switch {
		case asked.Op == "exit":
			_ = json.NewEncoder(output).Encode(object{"id": asked.ID, "result": object{}})
			return
		case slow[asked.Op]:
			go reply(asked)
		default:
			reply(asked)
		}
	}
}
