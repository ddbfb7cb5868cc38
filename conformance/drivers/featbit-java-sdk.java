// Driver for co.featbit:featbit-java-sdk, as its README uses it: `java -cp CLASSPATH featbit-java-sdk.java`.

import co.featbit.commons.model.EvalDetail;
import co.featbit.commons.model.FBUser;
import co.featbit.server.EvaluationReason;
import co.featbit.server.FBClientImp;
import co.featbit.server.FBConfig;
import co.featbit.server.Factory;
import co.featbit.server.exterior.FBClient;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

class Driver {
    static final Gson GSON = new Gson();
    static final Map<String, FBClient> CLIENTS = new ConcurrentHashMap<>();
    static final PrintStream REPLIES = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    static final List<String> CAPABILITIES = List.of("streaming", "offline", "bootstrap", "disableEvents", "initialized",
            "track", "identify", "flush", "eventQueueLimit");
    static final Map<String, String> REASONS = Map.of(
            EvaluationReason.REASON_FLAG_OFF, "Off",
            EvaluationReason.REASON_TARGET_MATCH, "TargetMatch",
            EvaluationReason.REASON_RULE_MATCH, "RuleMatch",
            EvaluationReason.REASON_FALLTHROUGH, "Fallthrough",
            EvaluationReason.REASON_CLIENT_NOT_READY, "ClientNotReady",
            EvaluationReason.REASON_WRONG_TYPE, "WrongType");

    static class NotOffered extends RuntimeException {
    }

    public static void main(String[] arguments) throws Exception {
        System.setOut(System.err); // Whatever the SDK prints is no reply.
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonObject request = JsonParser.parseString(line).getAsJsonObject();
            String op = request.get("op").getAsString();
            if (op.equals("waitForInitialization") || op.equals("close")) new Thread(() -> answer(request)).start();
            else answer(request);
            if (op.equals("exit")) Runtime.getRuntime().halt(0);
        }
        Runtime.getRuntime().halt(0);
    }

    static void answer(JsonObject request) {
        JsonObject reply = new JsonObject();
        reply.add("id", request.get("id"));
        try {
            reply.add("result", GSON.toJsonTree(call(request.get("op").getAsString(), request)));
        } catch (NotOffered refusal) {
            reply.add("error", GSON.toJsonTree(Map.of("code", "not-offered", "message", "not offered")));
        } catch (Throwable thrown) {
            reply.add("error", GSON.toJsonTree(Map.of("code", "threw", "message", thrown.toString())));
        }
        synchronized (REPLIES) {
            REPLIES.println(reply);
        }
    }

    static Object call(String op, JsonObject request) throws Exception {
        FBClient client = request.has("client") ? CLIENTS.get(request.get("client").getAsString()) : null;
        switch (op) {
            case "hello":
                return Map.of("sdk", "featbit-java-sdk", "version", version(), "language", "Java", "reconnectMs", 2000,
                        "capabilities", CAPABILITIES);
            case "create":
                CLIENTS.put(request.get("client").getAsString(), create(request));
                break;
            case "waitForInitialization":
                Duration wait = Duration.ofMillis(request.get("timeoutMs").getAsLong());
                boolean ready = client.isInitialized() || client.getDataUpdateStatusProvider().waitForOKState(wait);
                return Map.of("outcome", ready ? "ready" : "timeout");
            case "initialized":
                return Map.of("initialized", client.isInitialized());
            case "evaluate":
                return evaluate(client, request);
            case "track":
                String name = text(request, "eventName");
                if (!request.has("value")) client.trackMetric(user(request), name);
                else client.trackMetric(user(request), name, Double.parseDouble(request.get("value").getAsString()));
                break;
            case "identify":
                client.identify(user(request));
                break;
            case "flush":
                client.flush();
                break;
            case "close":
                client.close();
                break;
            case "exit":
                break;
            default:
                throw new NotOffered();
        }
        return Map.of();
    }

    static FBClient create(JsonObject request) {
        if ("polling".equals(text(request, "mode"))) throw new NotOffered();
        JsonObject settings = request.getAsJsonObject("settings");
        var events = Factory.insightProcessorFactory();
        if (settings.has("flushIntervalMs")) events.flushInterval(settings.get("flushIntervalMs").getAsLong());
        if (settings.has("maxEventsInQueue")) events.capacity(settings.get("maxEventsInQueue").getAsInt());
        if (settings.has("eventRetryIntervalMs")) events.retryInterval(settings.get("eventRetryIntervalMs").getAsLong());
        if (settings.has("eventMaxRetries")) events.maxRetryTimes(settings.get("eventMaxRetries").getAsInt());
        var streaming = Factory.dataSynchronizerFactory();
        if (settings.has("firstRetryDelayMs")) streaming.firstRetryDelay(millis(settings, "firstRetryDelayMs"));
        var http = Factory.httpConfigFactory();
        if (settings.has("connectTimeoutMs")) http.connectTime(millis(settings, "connectTimeoutMs"));
        if (settings.has("eventRequestTimeoutMs")) http.socketTime(millis(settings, "eventRequestTimeoutMs"));
        boolean noEvents = isTrue(request, "disableEvents");
        FBConfig config = new FBConfig.Builder()
                .startWaitTime(Duration.ZERO).offline(isTrue(request, "offline"))
                .streamingURL(text(request, "streamingUrl")).eventURL(text(request, "eventUrl"))
                .insightProcessorFactory(noEvents ? Factory.externalEventTrack() : events).dataSynchronizerFactory(streaming).httpConfigFactory(http)
                .build();
        FBClient client = new FBClientImp(request.has("secret") ? text(request, "secret") : "offline", config);
        if (request.has("bootstrap")) client.initializeFromExternalJson(text(request, "bootstrap"));
        return client;
    }

    static Object evaluate(FBClient client, JsonObject request) {
        String flag = text(request, "flag");
        JsonElement fallback = request.get("default");
        EvalDetail<?> detail;
        switch (request.get("type").getAsString()) {
            case "boolean":
                detail = client.boolVariationDetail(flag, user(request), fallback.getAsBoolean());
                break;
            case "number":
                detail = client.doubleVariationDetail(flag, user(request), fallback.getAsDouble());
                break;
            case "json":
                detail = client.jsonVariationDetail(flag, user(request), JsonElement.class, fallback);
                break;
            default:
                detail = client.variationDetail(flag, user(request), fallback.isJsonNull() ? null : fallback.getAsString());
        }
        JsonObject reply = new JsonObject();
        Object value = detail.getVariation();
        reply.add("value", value == null ? JsonNull.INSTANCE : GSON.toJsonTree(value));
        reply.addProperty("reason", REASONS.getOrDefault(detail.getReason(), "Error"));
        return reply;
    }

    /** The SDK makes no user without a name: such a user is given its key for one. Attributes are texts. */
    static FBUser user(JsonObject request) {
        JsonObject from = request.getAsJsonObject("user");
        String name = text(from, "name");
        FBUser.Builder builder = new FBUser.Builder(text(from, "key"))
                .userName(name == null || name.isBlank() ? text(from, "key") : name);
        if (from.has("custom")) from.getAsJsonObject("custom").entrySet().forEach(entry -> {
            if (!entry.getValue().isJsonNull()) builder.custom(entry.getKey(), entry.getValue().getAsString());
        });
        return builder.build();
    }

    static String text(JsonObject object, String member) {
        return !object.has(member) || object.get(member).isJsonNull() ? null : object.get(member).getAsString();
    }

    static boolean isTrue(JsonObject object, String member) {
        return object.has(member) && object.get(member).getAsBoolean();
    }

    static Duration millis(JsonObject settings, String name) {
        return Duration.ofMillis(settings.get(name).getAsLong());
    }

    /** The version is in the name of the jar. */
    static String version() {
        URL jar = FBClientImp.class.getProtectionDomain().getCodeSource().getLocation();
        return jar.getPath().replaceAll(".*featbit-java-sdk-(.*)\\.jar", "$1");
    }
}
