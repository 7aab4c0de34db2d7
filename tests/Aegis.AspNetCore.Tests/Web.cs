using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Aegis.Events;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aegis.AspNetCore.Tests;

/// <summary>A real server on a free port of this machine, with a guarded client among its services.</summary>
internal sealed class Web : IEventSink, IAsyncDisposable
{
    private readonly ConcurrentQueue<AegisEvent> _events = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private WebApplication? _app;

    /// <summary>What the guard has decided so far.</summary>
    public IReadOnlyList<AegisEvent> Events => [.. _events];

    /// <summary>Whose decisions they were.</summary>
    public IReadOnlyList<SessionId> Sessions => [.. _events.Select(static e => e.Session).Distinct()];

    public AegisGuard Guard => _app!.Services.GetRequiredService<AegisGuard>();

    public static Task<Web> StartAsync(Action<WebApplication> map, IChatClient? model = null, AegisPolicy? policy = null, AegisSessionOptions? options = null) =>
        StartAsync(
            builder => builder.Services.AddChatClient(model ?? new Testing.ScriptedChatClient(static (_, _) => Testing.ScriptedTurn.Say("Done."))).UseAegisFunctionInvocation(),
            app =>
            {
                app.UseExceptionHandler();
                app.UseAuthentication();
                app.UseAegisSession(options);
                map(app);
            },
            policy);

    public static async Task<Web> StartAsync(Action<WebApplicationBuilder> add, Action<WebApplication> use, AegisPolicy? policy = null)
    {
        var web = new Web();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, TestUsers>("Test", null);
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<AegisExceptionHandler>();
        builder.Services.AddAegis(policy ?? AegisPolicy.Preset("balanced")).AddSink(web);
        add(builder);
        var app = web._app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        use(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        web._http.BaseAddress = new(app.Urls.Single());
        return web;
    }

    public void Write(AegisEvent e) => _events.Enqueue(e);

    public async Task<Answer> GetAsync(string path, string? user = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in user is null ? headers : [(TestUsers.Header, user), .. headers])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.OfAsync(response);
    }

    /// <summary>Exactly these bytes, as no client would send them.</summary>
    public async Task<string> SendAsync(string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", _http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }
}
