using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>
/// The OpenAI API on 127.0.0.1, answered by a model of yours: Chat Completions and Responses, JSON and server-sent events.
/// It refuses with status 400 what the real API refuses: malformed JSON, unknown previous responses, calls without results, results without calls.
/// A model that fails is status 500, or a broken connection once its stream has begun. Tools other than functions are not passed on to the model.
/// </summary>
public sealed class LoopbackOpenAIServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IChatClient _model;
    private readonly ChatCompletionsProtocol _chat = new();
    private readonly ResponsesProtocol _responses = new();
    private readonly OpenStreamCounter _streams = new();
    private readonly Lock _lock = new();
    private readonly List<JsonElement> _requests = [];

    private LoopbackOpenAIServer(IChatClient model)
    {
        _model = model;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port: 0));
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>The base address for a client, ending in <c>/v1</c>.</summary>
    public Uri Endpoint => new($"{_app.Urls.First()}/v1");

    /// <summary>The JSON bodies received by a known path so far, in order. A client that retries shows here more than once.</summary>
    public IReadOnlyList<JsonElement> Requests
    {
        get { lock (_lock) { return [.. _requests]; } }
    }

    /// <summary>The streaming answers in progress. Goes down when the model has ended its turn or has noticed that the client is gone.</summary>
    public int OpenStreams => _streams.Count;

    /// <summary>Listens on a free port. The model is not disposed with the server.</summary>
    public static async Task<LoopbackOpenAIServer> StartAsync(IChatClient model, CancellationToken cancellationToken)
    {
        var server = new LoopbackOpenAIServer(model);
        await server._app.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Completes as soon as <see cref="OpenStreams"/> is 0.</summary>
    public Task WaitForStreamsToCloseAsync(CancellationToken cancellationToken) => _streams.WhenZeroAsync(cancellationToken);

    /// <summary>Cancels the requests in progress and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _app.Lifetime.ApplicationStopping);
        var response = context.Response;
        try
        {
            if (Protocol(context.Request) is not { } protocol)
            {
                await RefuseAsync(response, StatusCodes.Status404NotFound, $"Invalid URL ({context.Request.Method} {context.Request.Path})");
            }
            else if (await ReadAsync(protocol, context, cancelled.Token) is { } request)
            {
                await AnswerAsync(protocol, request, response, cancelled.Token);
            }
        }
        catch (Exception) when (cancelled.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception e) when (!response.HasStarted) // later than that, the host ends the connection in mid-answer: the client reads all that was sent, then fails
        {
            await RefuseAsync(response, StatusCodes.Status500InternalServerError, e.Message);
        }
    }

    private IWireProtocol? Protocol(HttpRequest request) => (request.Method, request.Path.Value) switch
    {
        ("POST", "/v1/chat/completions") => _chat,
        ("POST", "/v1/responses") => _responses,
        _ => null,
    };

    private async Task<WireRequest?> ReadAsync(IWireProtocol protocol, HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: cancellationToken);
            var body = json.RootElement.Clone();
            lock (_lock)
            {
                _requests.Add(body);
            }

            return protocol.Read(body);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            await RefuseAsync(context.Response, StatusCodes.Status400BadRequest, e.Message);
            return null;
        }
    }

    private async Task AnswerAsync(IWireProtocol protocol, WireRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!request.Streams)
        {
            var answer = protocol.Write(request, await _model.GetResponseAsync(request.Messages, request.Options, cancellationToken));
            await WriteAsync(response, answer);
            return;
        }

        using var open = _streams.Open();
        await using var updates = _model.GetStreamingResponseAsync(request.Messages, request.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var any = await updates.MoveNextAsync(); // before the headers: a model that fails at once is still a status
        response.ContentType = "text/event-stream";
        await foreach (var serverSent in protocol.StreamAsync(request, From(updates, any)))
        {
            await response.WriteAsync(serverSent.ToString(), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> From(IAsyncEnumerator<ChatResponseUpdate> updates, bool any)
    {
        for (; any; any = await updates.MoveNextAsync())
        {
            yield return updates.Current;
        }
    }

    private static Task RefuseAsync(HttpResponse response, int status, string message)
    {
        response.StatusCode = status;
        var type = status < StatusCodes.Status500InternalServerError ? "invalid_request_error" : "server_error";
        return WriteAsync(response, new() { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = null } });
    }

    private static Task WriteAsync(HttpResponse response, JsonObject json)
    {
        response.ContentType = "application/json";
        return response.WriteAsync(json.ToJsonString());
    }
}
