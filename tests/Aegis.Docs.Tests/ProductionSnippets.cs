using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Aegis.Docs.Tests;

/// <summary>The code and the documents of docs/production.md.</summary>
public sealed partial class ProductionSnippets : IApprover, IDisposable
{
    private static readonly string Page = Repository.Read("docs/production.md");

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-docs").FullName;

    static ProductionSnippets()
    {
        Environment.SetEnvironmentVariable("AEGIS_CANARY_TOKEN", "canary-3f9a1c0d");
        Environment.SetEnvironmentVariable("AEGIS_HMAC_SECRET", "of-thirty-two-bytes-and-a-few-more");
        Environment.SetEnvironmentVariable("AEGIS_AUDIT_KEY", "of-thirty-two-bytes-and-some-others");
        Environment.SetEnvironmentVariable("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x");
    }

    public static TheoryData<string> Documents => [.. Json().Matches(Page).Select(static match => match.Groups[1].Value)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Documents))]
    public void ADocumentOfThePageLoadsAndIsAGuard(string json)
    {
        if (json.Contains("\"Aegis\"", StringComparison.Ordinal))
        {
            var configuration = new ConfigurationManager();
            if (!json.Contains("\"extends\"", StringComparison.Ordinal))   // it is an overlay
            {
                configuration.AddJsonStream(StreamOf($$"""{ "Aegis": { "policies": { "default": {{Here(Json().Match(Page).Groups[1].Value)}} } } }"""));
            }

            configuration.AddJsonStream(StreamOf(json));
            var section = configuration.GetSection("Aegis");
            var services = new ServiceCollection();
            services.AddAegis(section).UseJudge(new ScriptedChatClient()).UseAlertWebhooks();
            using var provider = services.BuildServiceProvider();
            Assert.All(section.GetSection("policies").GetChildren(), policy => Assert.True(provider.GetRequiredKeyedService<AegisGuard>(policy.Key).Policy.Session.Required));
            return;
        }

        using var guard = AegisGuard.Create(Loaded(json), static aegis => aegis.UseJudge(new ScriptedChatClient()).UseAlertWebhooks());
        Assert.True(guard.Policy.Session.Required);   // they extend strict
    }

    /// <summary>The file and the overlay of the page, over the policy of the page, each as a host takes it up.</summary>
    [Fact]
    public void InDevelopmentEverythingIsJudgedAndNothingBlocks()
    {
        string[] documents = [.. Json().Matches(Page).Select(static match => match.Groups[1].Value).Where(static json => json.Contains("\"monitor\"", StringComparison.Ordinal))];
        var (file, overlay) = (documents[0], documents[1]);
        var configuration = new ConfigurationManager();
        configuration.AddJsonStream(StreamOf($$"""{ "Aegis": { "policies": { "default": {{Here(Json().Match(Page).Groups[1].Value)}} } } }""")).AddJsonStream(StreamOf(overlay));
        var services = new ServiceCollection();
        services.AddAegis(configuration.GetSection("Aegis")).UseJudge(new ScriptedChatClient()).UseAlertWebhooks();
        using var provider = services.BuildServiceProvider();
        using var guard = AegisGuard.Create(Loaded(file), static aegis => aegis.UseJudge(new ScriptedChatClient()).UseAlertWebhooks());
        Assert.All([guard.Policy, provider.GetRequiredService<AegisGuard>().Policy], static policy =>
        {
            Assert.Equal(PolicyMode.Monitor, policy.Mode);
            Assert.Equal((AuditLevel.All, false, "console"), (policy.Audit!.Level, policy.Audit.Required, Assert.Single(policy.Audit.Transports)));
            Assert.Equal(["issue_refund"], policy.Capabilities.RequireApproval);   // the rest is as in production
        });
    }

    [Fact]
    public async Task AService()
    {
        const string endpoint = "127.0.0.1:1";   // nobody is there
        var (path, pins, approver, provenanceKey) = (Path.Combine(_folder, "production.policy.json"), Path.Combine(_folder, "pins.json"), this, new byte[32]);
        var (model, judge) = (new ScriptedChatClient(), new ScriptedChatClient());
        await File.WriteAllTextAsync(path, Json().Match(Page).Groups[1].Value.Replace("/var/log/aegis/", $"{_folder}/", StringComparison.Ordinal), Token);
        string[] args = [];
        // <production>
        var builder = WebApplication.CreateBuilder(args);
        var redis = await ConnectionMultiplexer.ConnectAsync($"{endpoint},abortConnect=false");   // starts without Redis, and blocks until it is there
        builder.Services.AddAegis(AegisPolicy.Load(path))
            .ReloadFrom(path)                                    // a changed file is taken up, one with mistakes is not
            .UseRedis(redis)                                     // sessions, limits, locks, alert windows of all instances
            .UseRedisProvenance(redis, provenanceKey)            // what entered a session, sealed
            .UseToolPins(pins)                                   // a file: tools stay what they were
            .UseApprover(approver)
            .UseAlertWebhooks();
        builder.Services.AddChatClient(model).UseAegisFunctionInvocation();
        builder.Services.AddKeyedChatClient("aegis-judge", judge);
        builder.Services.AddHealthChecks().AddAegis();
        builder.Services.AddProblemDetails().AddExceptionHandler<AegisExceptionHandler>();
        // your AddAuthentication and AddAuthorization
        // </production>
        builder.Logging.ClearProviders();
        // <production-app>
        await using var app = builder.Build();
        app.UseExceptionHandler();
        // your UseAuthentication and UseAuthorization
        app.UseAegisSession();   // 401 unless somebody is signed in
        app.MapPost("/chat/{conversationId}", (Question question, IChatClient client, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(client.GetStreamingResponseAsync(question.Text, cancellationToken: cancellationToken).Select(update => update.Text).Where(text => text.Length > 0)));
        // </production-app>
        app.Urls.Add("http://127.0.0.1:0");
        // <production-health>
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false }).DisableAegisSession();   // the process answers; a restart mends nothing else
        app.MapHealthChecks("/health/ready", new() { Predicate = static check => check.Tags.Contains("ready") }).DisableAegisSession();
        app.MapHealthChecks("/health", new()   // for operators: keep it inside
        {
            ResponseWriter = static (context, report) => context.Response.WriteAsJsonAsync(report.Entries.ToDictionary(
                static entry => entry.Key,
                static entry => new { Status = entry.Value.Status.ToString(), entry.Value.Description, entry.Value.Data })),
        }).DisableAegisSession();
        // </production-health>
        await app.StartAsync(Token);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        var paths = Probe().Matches(Page).ToDictionary(static match => match.Groups["probe"].Value, static match => new Uri(match.Groups["path"].Value, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(paths["liveness"], Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(paths["readiness"], Token)).StatusCode);   // Redis is away, and the policy bridges that
        using var nobody = await http.PostAsJsonAsync(new Uri("/chat/c-1", UriKind.Relative), new Question("Hi"), Token);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        using (AegisScope.Begin("c-1", "ann"))
        {
            var answer = await app.Services.GetRequiredService<IChatClient>().GetResponseAsync("Hi", cancellationToken: Token);
            Assert.Equal(["session/unavailable"], Assert.IsType<AegisRefusal>(answer.AdditionalProperties?["aegis"]).Rules);   // what was said in the session stands in Redis
        }

        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri("/health", UriKind.Relative), Token));
        Assert.Equal("Degraded", health.RootElement.GetProperty("aegis-sessions").GetProperty("status").GetString());
        var data = health.RootElement.GetProperty("aegis").GetProperty("data");
        Assert.Equal(("acme-shop", "Enforce"), (data.GetProperty("policy.name").GetString(), data.GetProperty("policy.mode").GetString()));
        Assert.True(data.GetProperty("blocked.session/unavailable").GetInt64() > 0);
        Assert.All(data.EnumerateObject().Select(static member => member.Name).Where(static name => !name.StartsWith("blocked.", StringComparison.Ordinal)), static name =>
            Assert.True(Page.Contains($"`{name}`", StringComparison.Ordinal) || Page.Contains($"`.{name.Split('.')[^1]}`", StringComparison.Ordinal), $"the page says nothing of '{name}'"));
        await redis.DisposeAsync();
    }

    [Fact]
    public async Task AnIncident()
    {
        using var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"));
        var (session, ct) = (new SessionId("c-7", "user-7", "acme"), Token);
        // <production-incident>
        var operators = guard.Sessions.By("on-call-7", "incident 88");          // ids of yours; they stand in the events and in the log
        await operators.QuarantineAsync(session, TimeSpan.FromHours(8), ct);
        await operators.BanAsync(SessionId.OfPrincipal("user-42", tenant: "acme"), duration: null, ct);
        // </production-incident>
        Assert.Equal("session/quarantined", (await guard.InspectAsync(new UserInput("Hi"), session, ct)).Verdict.Rule);
        Assert.Equal("session/banned", (await guard.InspectAsync(new UserInput("Hi"), new SessionId("c-8", "user-42", "acme"), ct)).Verdict.Rule);
        await operators.ReleaseAsync(session, ct);
        Assert.True((await guard.InspectAsync(new UserInput("Hi"), session, ct)).MayProceed);
    }

    public ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken) => new(ApprovalAnswer.No);

    /// <summary>A document as a file, beside the policy of the page.</summary>
    private AegisPolicy Loaded(string json)
    {
        var path = Path.Combine(_folder, "this.policy.json");
        File.WriteAllText(Path.Combine(_folder, "production.policy.json"), Here(Json().Match(Page).Groups[1].Value));
        File.WriteAllText(path, Here(json));
        return AegisPolicy.Load(path);
    }

    private string Here(string json) => json.Replace("/var/log/aegis/", $"{_folder}/", StringComparison.Ordinal);

    private static MemoryStream StreamOf(string json) => new(Encoding.UTF8.GetBytes(json));

    private sealed record Question(string Text);

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Json();

    [GeneratedRegex(@"(?<probe>liveness|readiness)Probe:\n  httpGet: \{ path: (?<path>[^,]+), port: 8080 \}")]
    private static partial Regex Probe();
}
