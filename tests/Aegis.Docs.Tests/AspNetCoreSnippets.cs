using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Threading.Channels;
using Aegis.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/aspnetcore.md.</summary>
public class AspNetCoreSnippets
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheShortestGuardedService()
    {
        string[] args = ["--urls", "http://127.0.0.1:0"];
        var openAI = new ScriptedChatClient(static (_, _) => ScriptedTurn.Say("Hello."));
        // <web>
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddAegis(AegisPolicy.Preset("balanced") with { Session = new() { Required = true } });
        builder.Services.AddChatClient(openAI).UseAegisFunctionInvocation();
        builder.Services.AddHealthChecks().AddAegis();
        // your AddAuthentication and AddAuthorization
        // </web>
        builder.Logging.ClearProviders();
        // <web-app>
        var app = builder.Build();
        // your UseAuthentication and UseAuthorization
        app.UseAegisSession();   // 401 unless somebody is signed in
        app.MapHealthChecks("/health").DisableAegisSession();
        app.MapPost("/chat/{conversationId}", (Question question, IChatClient client, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(client.GetStreamingResponseAsync(question.Text, cancellationToken: cancellationToken).Select(update => update.Text).Where(text => text.Length > 0)));
        // </web-app>
        await using (app)
        {
            await app.StartAsync(Token);
            using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
            Assert.Equal("Healthy", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Token));
            using var refused = await http.PostAsJsonAsync("/chat/c1", new Question("Hi"), Token);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
    }

    [Fact]
    public async Task WhereTheRequestSaysItAndWhoIsNobody()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
            builder.Logging.ClearProviders();
            builder.Services.AddAegis();
            var keys = folder;
            // <visitors>
            builder.Services.AddDataProtection().PersistKeysToFileSystem(keys).SetApplicationName("acme-chat");   // the same for all instances
            // </visitors>
            var app = builder.Build();
            // <visitors-app>
            app.UseAegisSession(new() { Anonymous = AnonymousUsers.Visitor, VisitorCookie = "__Host-visitor", TenantClaim = "tid" });
            // </visitors-app>
            app.MapGet("/{conversationId}", static (HttpContext context) => context.GetAegisSession()!.Value.Principal);
            await using (app)
            {
                await app.StartAsync(Token);
                using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
                Assert.StartsWith("visitor-", await http.GetStringAsync(new Uri("/c1", UriKind.Relative), Token), StringComparison.Ordinal);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task QueuedWorkTakesTheSessionWithIt()
    {
        var queue = Channel.CreateUnbounded<Job>();
        var events = new List<SessionId>();
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"), aegis => aegis.AddSink(new Sink(events)));
        IChatClient client = new ScriptedChatClient().AsBuilder().UseAegis(guard).Build();
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Use(static (context, next) =>
        {
            context.User = new(new ClaimsIdentity([new("sub", "ada")], "test"));
            return next(context);
        });
        app.UseAegisSession();
        // <queue>
        app.MapPost("/report/{conversationId}", async (Question question, HttpContext context) =>
            await queue.Writer.WriteAsync(new Job(question.Text, context.GetAegisSession()!.Value)));
        // </queue>
        await app.StartAsync(Token);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        (await http.PostAsJsonAsync("/report/c1", new Question("Hi"), Token)).EnsureSuccessStatusCode();
        var job = await queue.Reader.ReadAsync(Token);
        // <queue-worker>
        using (AegisScope.Begin(job.Session))   // in the service that works through the queue
        {
            await client.GetResponseAsync(job.Text);
        }
        // </queue-worker>
        Assert.All(events, static session => Assert.Equal(new SessionId("c1", "ada"), session));
        Assert.NotEmpty(events);
    }

    [Fact]
    public async Task ABlockedRequestIsAProblem()
    {
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        // <problems>
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<AegisExceptionHandler>();
        // </problems>
        await using var app = builder.Build();
        // <problems-app>
        app.UseExceptionHandler();   // first
        // </problems-app>
        app.MapGet("/", static string () => throw new AegisBlockedException(Verdict.Of(new Finding("budget/runs", Decision.Block)), "d1"));
        await app.StartAsync(Token);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var response = await http.GetAsync(new Uri("/", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.Contains("\"rules\":[\"budget/runs\"]", body, StringComparison.Ordinal);
        Assert.Contains("\"decisionId\":\"d1\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InstancesShareWhatTheyRemember()
    {
        var (endpoint, secret, policy) = ("127.0.0.1:1", Convert.ToBase64String(new byte[32]), AegisPolicy.Preset("balanced"));   // nobody is there
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        // <web-instances>
        var redis = await ConnectionMultiplexer.ConnectAsync($"{endpoint},abortConnect=false");   // packages Aegis.AI.Redis, StackExchange.Redis
        builder.Services.AddAegis(policy).UseRedis(redis).UseRedisProvenance(redis, key: Convert.FromBase64String(secret));
        // </web-instances>
        await using var app = builder.Build();
        var outcome = await app.Services.GetRequiredService<AegisGuard>().InspectAsync(new UserInput("hello"), new SessionId("c-1", "ann"), Token);
        Assert.Equal("session/unavailable", outcome.Verdict.Rule);
        await redis.DisposeAsync();
    }

    private sealed record Question(string Text);

    private sealed record Job(string Text, SessionId Session);

    private sealed class Sink(List<SessionId> sessions) : Events.IEventSink
    {
        public void Write(Events.AegisEvent e) => sessions.Add(e.Session);
    }
}
