using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polly;

namespace Aegis.Testing.RedTeaming;

/// <summary>Asks a live target, with a timeout for each request and bounded retries. The key is in a header and in nothing that is shown; redirects are not followed.</summary>
internal sealed class LiveClient : IDisposable
{
    private const string Path = "chat/completions";
    private const int LargestAnswer = 4 * 1024 * 1024;

    /// <summary>How guards say over HTTP that they have stopped a request: titles and codes of errors.</summary>
    private static readonly string[] Refusals = ["The request was blocked.", "content_filter", "content_policy_violation"];

    private readonly Uri _address;
    private readonly HttpClient _http;
    private readonly string _model;
    private readonly TimeSpan _timeout;
    private readonly ResiliencePipeline<HttpResponseMessage> _retries;

    public LiveClient(Uri endpoint, string model, LiveRedTeamOptions options, HttpMessageHandler? handler)
    {
        (_model, _timeout) = (model, options.Timeout);
        _address = endpoint.AbsolutePath.EndsWith($"/{Path}", StringComparison.Ordinal) ? endpoint : new($"{endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{Path}{endpoint.Query}");
        var key = options.ApiKeyVariable is not { } variable ? null
            : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value
            : throw new ArgumentException($"The environment variable '{variable}' has no key.", nameof(options));
        _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false }, disposeHandler: handler is null) { Timeout = System.Threading.Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
        if (key is not null)
        {
            try
            {
                _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }
            catch (FormatException)
            {
                throw new ArgumentException($"The environment variable '{options.ApiKeyVariable}' has a key that cannot be sent: it has a line break or another control character.", nameof(options));
            }
        }

        _retries = options.Retries == 0 ? ResiliencePipeline<HttpResponseMessage>.Empty : new ResiliencePipelineBuilder<HttpResponseMessage>().AddRetry(new()
        {
            MaxRetryAttempts = options.Retries,
            Delay = options.RetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            ShouldHandle = static arguments => new(arguments.Outcome.Exception is HttpRequestException or TimeoutException || arguments.Outcome.Result is { } response && IsPassing(response.StatusCode)),
            OnRetry = static arguments =>
            {
                arguments.Outcome.Result?.Dispose();
                return default;
            },
        }).Build();
    }

    /// <summary>Where requests go, as it may be shown: without a query, in which keys stand.</summary>
    public string Shown => _address.GetLeftPart(UriPartial.Path);

    /// <summary>Sends a conversation.</summary>
    /// <exception cref="LiveFailure">It was not answered.</exception>
    public async Task<LiveAnswer> AskAsync(JsonArray messages, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["model"] = _model, ["messages"] = messages.DeepClone(), ["stream"] = false }.ToJsonString();
        try
        {
            using var response = await _retries.ExecuteAsync(async token => await SendAsync(body, token), cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? Read(text) : Refused(response.StatusCode, text);
        }
        catch (HttpRequestException e)
        {
            throw new LiveFailure($"it cannot be reached ({(e.HttpRequestError == HttpRequestError.Unknown ? "no connection" : e.HttpRequestError)})", isFatal: true, e);
        }
        catch (TimeoutException e)
        {
            throw new LiveFailure(e.Message, isFatal: false, e);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            return await _http.PostAsync(_address, content, timeout.Token);   // reads the whole answer
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"it has not answered within {_timeout.TotalSeconds:0.###} s"), e);
        }
    }

    /// <summary>Whether it may be otherwise the next time.</summary>
    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static LiveAnswer Read(string text)
    {
        try
        {
            var message = JsonNode.Parse(text)?["choices"]?[0]?["message"] as JsonObject ?? throw new LiveFailure("it answers, but not as chat completions do", isFatal: true);
            var said = Content(message["content"]);
            var calls = message["tool_calls"] as JsonArray ?? [];
            var shown = new[] { said, Content(message["refusal"]), Content(message["reasoning_content"]), Content(message["reasoning"]) }.Concat(calls.SelectMany(static call => new[] { Content(call?["function"]?["name"]), Content(call?["function"]?["arguments"]) }));
            return new(said, string.Join('\n', shown.Where(static part => part.Length > 0)), IsOver: calls.Count > 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new LiveFailure("it answers, but not as chat completions do", isFatal: true, e);
        }
    }

    /// <summary>A text, or the texts of parts.</summary>
    private static string Content(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonArray parts => string.Join('\n', parts.Select(static part => part is JsonObject of ? Content(of["text"] ?? of["refusal"]) : Content(part))),
        _ => "",
    };

    /// <summary>A guard's refusal is an answer. Anything else is none; whoever may not ask, or asks at the wrong place, will not be answered the next time either.</summary>
    private static LiveAnswer Refused(HttpStatusCode status, string body) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden && Codes(body).Any(static code => Refusals.Contains(code, StringComparer.Ordinal))
            ? new("", "", IsOver: true)
            : throw new LiveFailure(string.Create(CultureInfo.InvariantCulture, $"it answers with status {(int)status}"), isFatal: (int)status is >= 300 and < 500 && !IsPassing(status) && status != HttpStatusCode.BadRequest);

    private static IEnumerable<string> Codes(string body)
    {
        try
        {
            var node = JsonNode.Parse(body) as JsonObject;
            return [Content(node?["title"]), Content((node?["error"] as JsonObject)?["code"]), Content((node?["error"] as JsonObject)?["type"])];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
