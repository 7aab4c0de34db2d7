using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Auditing;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Replaying;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Aegis.Core.Tests.Replaying;

/// <summary>A replay says "the same" only of what is the same, and of everything else why not.</summary>
public class AuditReplayerTests
{
    private const string Secret = "a-key-of-the-content-of-32-bytes-or-more";

    private static readonly ContentKey Key = new(Encoding.UTF8.GetBytes(Secret));
    private static readonly SessionId Session = new("s", "ann");

    private static readonly AegisPolicy Judged = Given.Open with { Scanner = new(), Judge = new() { TriggerThreshold = 0.1 } };

    [Fact]
    public async Task NothingIsKeptUnlessThePolicySaysSo()
    {
        var (records, _) = await RecordAsync(Given.Open with { Audit = new() }, AuditContentMode.None, static guard => guard.InspectAsync(new UserInput("hello there"), Session, Given.Cancel));
        Assert.False(Assert.Single(records).AsObject().ContainsKey("replay"));
    }

    [Theory, InlineData(AuditContentMode.Hashed), InlineData(AuditContentMode.Encrypted)]
    public async Task NoTextStandsInTheLog(AuditContentMode mode)
    {
        var (records, _) = await RecordAsync(Given.Open, mode, static guard => guard.InspectAsync(new ToolResult("get", "the words are nightfall"), Session, Given.Cancel));
        var record = Assert.Single(records);
        Assert.DoesNotContain("nightfall", record.ToJsonString(), StringComparison.Ordinal);
        var bytes = ReplayToken.Parse((string)record["replay"]!)!.Bytes;
        Assert.Equal(-1, bytes.AsSpan().IndexOf("nightfall"u8));
        Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes("nightfall")));
    }

    [Fact]
    public async Task WhatWasDecidedIsDecidedAgain()
    {
        var (records, policy) = await RecordAsync(Judged, AuditContentMode.Encrypted, AskAsync);
        var result = await ReplayAsync(policy, Assert.Single(records));
        Assert.Equal((ReplayOutcome.Same, null), (result.Outcome, result.Why));
        Assert.Contains(result.Replayed!.Value.Verdict.Findings, static finding => finding.Rule == "judge/approved");
    }

    [Fact]
    public async Task AnotherAnswerOfTheJudgeIsFound()
    {
        var (records, policy) = await RecordAsync(Judged, AuditContentMode.Encrypted, AskAsync);
        var record = Assert.Single(records);
        Tamper(record, TapeChannels.JudgeAnswer, writer => TapeCodecs.Judged.Write(writer, (new(JudgeVerdict.Reject, 1), default, null)));
        var result = await ReplayAsync(policy, record);
        Assert.Equal((ReplayOutcome.Different, Decision.Block), (result.Outcome, result.Replayed!.Value.Decision));
    }

    [Fact]
    public async Task AnotherStateOfTheSessionIsFound()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(guard.Call("get"), Session, Given.Cancel));
        var record = Assert.Single(records);
        Tamper(record, TapeChannels.Of(Session), static writer => TapeCodecs.State.Write(writer, SessionState.Empty with { Lock = new(SessionLockKind.Banned, null) }));
        var result = await ReplayAsync(policy, record);
        Assert.Equal((ReplayOutcome.Different, Decision.Block), (result.Outcome, result.Replayed!.Value.Decision));
    }

    [Fact]
    public async Task WhoeverHasNoKeyChangesNothingUnseen()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, async guard =>
        {
            await guard.InspectAsync(new UserInput("one"), Session, Given.Cancel);
            await guard.InspectAsync(new UserInput("two"), Session, Given.Cancel);
        });
        var token = (string)records[0]["replay"]!;
        for (var i = token.LastIndexOf('.') + 1; i < token.Length - 1; i += 97)
        {
            records[0]["replay"] = $"{token[..i]}{(token[i] == 'A' ? 'B' : 'A')}{token[(i + 1)..]}";
            Assert.Equal((ReplayOutcome.NotReplayed, "what was kept was changed, or is another record's"), Short(await ReplayAsync(policy, records[0])));
        }

        records[0]["replay"] = (string)records[1]["replay"]!;
        Assert.Equal((ReplayOutcome.NotReplayed, "what was kept was changed, or is another record's"), Short(await ReplayAsync(policy, records[0])));
    }

    [Theory, InlineData("decision", "block"), InlineData("verdict", "block")]
    public async Task ARecordThatSaysSomethingElseIsFound(string member, string value)
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel));
        records[0][member] = value;
        Assert.Equal((ReplayOutcome.Different, "the record says something else than what was kept for its replay"), Short(await ReplayAsync(policy, records[0])));
    }

    [Fact]
    public async Task WithoutTheKeyNobodyCanSay()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel));
        var without = await ReplayAsync(policy, records[0], keys: []);
        var other = await ReplayAsync(policy, records[0], keys: [new("another-key-of-the-content-of-32-bytes"u8)]);
        Assert.All([without, other], result => Assert.Equal((ReplayOutcome.NotReplayed, $"the key {Key.Id} of its content is not here"), Short(result)));
    }

    [Fact]
    public async Task AnotherPolicyIsToldAndJudgesOnlyIfAsked()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(guard.Call("get"), Session, Given.Cancel));
        var stricter = policy with { Capabilities = new() { Allow = ["*"], Deny = ["get"] } };
        Assert.StartsWith("another policy decided, ", (await ReplayAsync(stricter, records[0])).Why, StringComparison.Ordinal);
        var result = await ReplayAsync(stricter, records[0], isWhatIf: true);
        Assert.Equal((ReplayOutcome.Different, true, "decided allow then and block now"), (result.Outcome, result.IsWhatIf, result.Why));
        Assert.Equal("capability/denied", result.Replayed!.Value.Verdict.Rule);
        Assert.Equal((ReplayOutcome.Same, true), (await ReplayAsync(policy with { RefusalText = "No." }, records[0], isWhatIf: true)) is var same ? (same.Outcome, same.IsWhatIf) : default);
    }

    [Fact]
    public async Task OtherRulesAreTold()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel));
        const string pack = """{"pack":"test","version":"1","rules":[{"id":"test/murky","category":"test","risk":0.8,"checkpoints":["input"],"pattern":"murky","match":["murky"],"pass":["clear"]}]}""";
        using var replayer = new AuditReplayer(policy, [(pack, "pack")], [Key], isWhatIf: false);
        var result = await replayer.ReplayAsync(JsonSerializer.SerializeToElement(records[0]), Given.Cancel);
        Assert.Equal(ReplayOutcome.NotReplayed, result.Outcome);
        Assert.StartsWith("another version of Aegis, or other rule packs, decided: ", result.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallsOfOneStepAreReplayedTogether()
    {
        var (records, policy) = await RecordAsync(Given.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(1, TimeSpan.FromHours(1)) } }, AuditContentMode.Encrypted, static async guard =>
            await guard.Pipeline.InspectAllAsync([guard.Call("get", 1), guard.Call("get", 2)], guard.RunOf(Session), Given.Cancel));
        Assert.Equal(2, records.Count);
        using var replayer = new AuditReplayer(policy, [], [Key], isWhatIf: false);
        foreach (var record in records)
        {
            Assert.Equal((ReplayOutcome.Same, null), Short(await replayer.ReplayAsync(JsonSerializer.SerializeToElement(record), Given.Cancel)));
        }

        Assert.Equal((ReplayOutcome.NotReplayed, "the record of its step that has what was heard is not in the log before it"), Short(await ReplayAsync(policy, records[1])));
    }

    [Fact]
    public async Task AStoreThatFailedFailsAgain()
    {
        var store = new Mock<ISessionStore>();
        store.Setup(static store => store.ReadAsync(It.IsAny<SessionId>(), It.IsAny<CancellationToken>())).Throws<EndOfStreamException>();
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel), store: store.Object);
        var result = await ReplayAsync(policy, records[0]);
        Assert.Equal((ReplayOutcome.Same, null), Short(result));
        Assert.Equal(("session/unavailable", "EndOfStreamException"), (result.Replayed!.Value.Verdict.Rule, result.Replayed.Value.Verdict.Findings[0].Detail));
    }

    [Fact]
    public async Task WhatIsTooLongForARecordIsSaid()
    {
        var (records, policy) = await RecordAsync(Given.Open with { Input = new() { MaxLength = 2_000_000 } }, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput(new('x', 1_000_000)), Session, Given.Cancel));
        var result = await ReplayAsync(policy, records[0]);
        Assert.Equal((ReplayOutcome.NotReplayed, "it is too long for a record"), Short(result));
        Assert.False(result.IsNever);
    }

    [Fact]
    public async Task WhatTheCallsOfAStepHaveInCommonIsKeptOnce()
    {
        using var schema = JsonDocument.Parse($$"""{"type":"object","description":"{{new string('x', 100_000)}}"}""");
        var (records, policy) = await RecordAsync(Given.Open with { ToolIntegrity = null }, AuditContentMode.Encrypted, async guard =>
        {
            var tools = guard.ToolsetOf([new("get") { Schema = schema.RootElement }]);
            await guard.Pipeline.InspectAllAsync([.. Enumerable.Range(0, 8).Select(i => new ToolCall("get", Given.Arguments(("n", i))) { Tools = tools })], guard.RunOf(Session), Given.Cancel);
        });
        Assert.Equal(8, records.Count);
        using var replayer = Replayer(policy);
        foreach (var record in records)
        {
            Assert.Equal((ReplayOutcome.Same, null), Short(await replayer.ReplayAsync(JsonSerializer.SerializeToElement(record), Given.Cancel)));
        }
    }

    [Fact]
    public async Task OfAStepThatIsTooLongNoCallIsKept()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, async guard =>
            await guard.Pipeline.InspectAllAsync([.. Enumerable.Range(0, 8).Select(i => guard.Call("get", new string((char)('a' + i), 100_000)))], guard.RunOf(Session), Given.Cancel));
        Assert.Equal(8, records.Count);
        foreach (var record in records)
        {
            Assert.Equal((ReplayOutcome.NotReplayed, "it is too long for a record"), Short(await ReplayAsync(policy, record)));
        }
    }

    [Fact]
    public async Task ACallWhoseForerunnersAreNotInTheLogIsReplayedAllTheSame()
    {
        var (records, policy) = await RecordAsync(Given.Open with { Capabilities = new() { Allow = ["*"], Deny = ["drop"] } }, AuditContentMode.Encrypted, static async guard =>
            await guard.Pipeline.InspectAllAsync([guard.Call("get"), guard.Call("drop")], guard.RunOf(Session), Given.Cancel), level: AuditLevel.ViolationsOnly);
        var result = await ReplayAsync(policy, records.First(static record => (string?)record["tool"] == "drop"));
        Assert.Equal((ReplayOutcome.Same, null), Short(result));
        Assert.Equal("capability/denied", result.Replayed!.Value.Verdict.Rule);
    }

    [Fact]
    public async Task WhoeverHasNoKeyCannotSayThatNothingCouldBeKept()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel));
        var hashed = await RecordAsync(Given.Open, AuditContentMode.Hashed, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel));
        Assert.True((await ReplayAsync(hashed.Policy, hashed.Records[0])).IsNever);
        foreach (var forged in new[] { (string)hashed.Records[0]["replay"]!, $"n1.{Key.Id}.{new string('A', 64)}", "n1.it cannot", $"f1{((string)records[0]["replay"]!)[2..]}", $"h1{((string)records[0]["replay"]!)[2..]}" })
        {
            records[0]["replay"] = forged;
            var result = await ReplayAsync(policy, records[0]);
            Assert.Equal((ReplayOutcome.NotReplayed, false), (result.Outcome, result.IsNever));
        }

        records[0].AsObject().Remove("replay");
        Assert.True(AuditReplayer.IsInspection(JsonSerializer.SerializeToElement(records[0])));
        Assert.Equal((ReplayOutcome.NotReplayed, ReplayResult.NothingKept), Short(await ReplayAsync(policy, records[0])));
    }

    [Fact]
    public async Task ADescriptionWhoseContentWasTakenAwayIsMissed()
    {
        var (records, _) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new ToolDefinition("get", "Gets a page."), Session, Given.Cancel));
        records[0].AsObject().Remove("replay");
        Assert.False(records[0].AsObject().ContainsKey("rules"));
        Assert.True(AuditReplayer.IsInspection(JsonSerializer.SerializeToElement(records[0])));
    }

    [Fact]
    public async Task WhatDecidesNothingMayChange()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel));
        var other = policy with { Name = "other", Audit = policy.Audit! with { Level = AuditLevel.Actions, Path = "elsewhere.jsonl" } };
        Assert.Equal((ReplayOutcome.Same, false), (await ReplayAsync(other, records[0])) is var same ? (same.Outcome, same.IsWhatIf) : default);
    }

    [Theory, InlineData(0.85, Decision.Flag, Decision.Block), InlineData(0.95, Decision.Block, Decision.Block), InlineData(0.1, Decision.Allow, Decision.Allow)]
    public async Task AnotherThresholdWeighsTheAnswersOfClassifiersAnew(double risk, Decision then, Decision now)
    {
        var (records, policy) = await RecordAsync(Given.Open with { Scanner = new() }, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel), builder => builder.AddClassifier(new Sure(risk)));
        var same = await ReplayAsync(policy, records[0]);
        Assert.Equal((ReplayOutcome.Same, then), (same.Outcome, same.Replayed!.Value.Decision));
        var stricter = await ReplayAsync(policy with { Scanner = new() { Sensitivity = Sensitivity.Paranoid } }, records[0], isWhatIf: true);
        Assert.Equal((then == now ? ReplayOutcome.Same : ReplayOutcome.Different, now), (stricter.Outcome, stricter.Replayed!.Value.Decision));
        var without = await ReplayAsync(policy with { Scanner = new() { IgnoreRules = ["mine/sure"] } }, records[0], isWhatIf: true);
        Assert.Equal(Decision.Allow, without.Replayed!.Value.Decision);
    }

    [Fact]
    public async Task AJudgeWhoseEstimateThrowsDoesSoAgain()
    {
        var (records, policy) = await RecordAsync(Judged, AuditContentMode.Encrypted, AskAsync, builder => builder.UseJudge(new Dear()));
        var result = await ReplayAsync(policy, records[0]);
        Assert.Equal((ReplayOutcome.Same, null), Short(result));
        Assert.Contains(result.Replayed!.Value.Verdict.Findings, static finding => finding is { Rule: "judge/failed", Detail: "EndOfStreamException" });
    }

    [Fact]
    public async Task OtherToolsThatStayAreADifference()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new ModelStep(guard.Tools("get", "put")), Session, Given.Cancel));
        var result = await ReplayAsync(policy with { Capabilities = new() { Allow = ["get"] } }, records[0], isWhatIf: true);
        Assert.Equal((ReplayOutcome.Different, "the verdict is the same, and what goes on is another text, or other arguments or tools"), Short(result));
    }

    [Fact]
    public async Task AnInspectionThatAsksLessThanThenIsADifference()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(guard.Call("get"), Session, Given.Cancel));
        Tamper(records[0], TapeChannels.Of(Session), static writer => TapeCodecs.State.Write(writer, SessionState.Empty), more: 1);
        Assert.Equal((ReplayOutcome.Different, "'a session' is asked less often than then"), Short(await ReplayAsync(policy, records[0])));
    }

    [Fact]
    public async Task WithManyRulesTheRecordIsCutAndTheReplayIsTheSame()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel), builder => builder.AddGuard(new Wordy()));
        Assert.Equal(64, records[0]["rules"]!.AsArray().Count);
        Assert.Equal((ReplayOutcome.Same, null), Short(await ReplayAsync(policy, records[0])));
    }

    [Fact]
    public async Task WithoutTextsAServersAddressIsNotKept()
    {
        var (records, _) = await RecordAsync(Given.Open, AuditContentMode.Hashed, static guard => guard.InspectAsync(new ToolCall("get", Aegis.Tools.ToolArguments.Empty) { Tools = guard.ToolsetOf([new("get") { Server = "https://tools.example/mcp?apiKey=8841" }]) }, Session, Given.Cancel));
        Assert.Equal(-1, ReplayToken.Parse((string)records[0]["replay"]!)!.Bytes.AsSpan().IndexOf("tools.example"u8));
    }

    [Fact]
    public async Task WhoeverGoesBeforeTheRecordIsWrittenLeavesOneThatIsReplayed()
    {
        using var gone = new CancellationTokenSource();
        var slow = new Slow(gone);
        var policy = Given.Open with { Audit = new() { Transports = ["slow"], Required = true, Content = AuditContentMode.Encrypted, ContentKey = Secret } };
        await using var guard = Given.Guard(policy, new FakeTimeProvider(), null, builder => builder.AddAuditTransport("slow", slow));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await guard.InspectAsync(new UserInput("hello"), Session, gone.Token));
        slow.Open.SetResult();
        await guard.FlushAuditAsync(Given.Cancel);
        Assert.Equal((ReplayOutcome.Same, null), Short(await ReplayAsync(policy, JsonNode.Parse(slow.Records[^1].ToJson())!)));
    }

    [Fact]
    public async Task WhatWaitsToBeWrittenHasAnEnd()
    {
        var slow = new Slow(null);
        await using var guard = Given.Guard(Given.Open with { Input = new() { MaxLength = 1 }, Audit = new() { Transports = ["slow"], Content = AuditContentMode.Encrypted, ContentKey = Secret } }, new FakeTimeProvider(), null, builder => builder.AddAuditTransport("slow", slow));
        var text = new string('x', 500_000);
        for (var i = 0; i < 40; i++)
        {
            await guard.InspectAsync(new UserInput(text), Session, Given.Cancel);
        }

        slow.Open.SetResult();
        await guard.FlushAuditAsync(Given.Cancel);
        Assert.Equal(40, slow.Records.Count);
        Assert.InRange(slow.Records.Sum(static record => (long)record.Replay!.Length), AuditLane.ContentCapacity, AuditLane.ContentCapacity + 2_000_000);
        Assert.Contains(slow.Records, static record => record.Replay!.StartsWith("f1.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ATransportThatDoesNotKeepUpTakesNothingFromOthers()
    {
        var (slow, kept) = (new Slow(null), new List<AuditRecord>());
        await using var guard = Given.Guard(Given.Open with { Input = new() { MaxLength = 1 }, Audit = new() { Transports = ["slow", "mine"], Content = AuditContentMode.Encrypted, ContentKey = Secret } }, new FakeTimeProvider(), null, builder => builder.AddAuditTransport("slow", slow).AddAuditTransport("mine", new Kept(kept)));
        var text = new string('x', 500_000);
        for (var i = 0; i < 40; i++)
        {
            await guard.InspectAsync(new UserInput(text), Session, Given.Cancel);
        }

        slow.Open.SetResult();
        await guard.FlushAuditAsync(Given.Cancel);
        Assert.Equal((40, 40), (slow.Records.Count, kept.Count));
        Assert.All(kept, static record => Assert.StartsWith("e1.", record.Replay, StringComparison.Ordinal));
        Assert.InRange(slow.Records.Count(static record => record.Replay!.StartsWith("f1.", StringComparison.Ordinal)), 1, 30);
    }

    [Fact]
    public async Task WhatPinsSayOfAToolIsNoInspectionToReplay()
    {
        var (records, policy) = await RecordAsync(Given.Open with { ToolIntegrity = new() { Mode = ToolIntegrityMode.Pinned } }, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new ModelStep(guard.Tools("get")), Session, Given.Cancel));
        var said = Assert.Single(records, static record => (string?)record["checkpoint"] == "tool-description");
        Assert.False(AuditReplayer.IsInspection(JsonSerializer.SerializeToElement(said)));
        var step = Assert.Single(records, static record => AuditReplayer.IsInspection(JsonSerializer.SerializeToElement(record)));
        Assert.Equal((ReplayOutcome.Same, null), Short(await ReplayAsync(policy, step)));
    }

    [Theory, InlineData(1_000, true), InlineData(1_100, false), InlineData(70_000, false)]
    public async Task ANameInAResultThatIsTooLongIsNotKeptByHalves(int length, bool isKept)
    {
        var (records, policy) = await RecordAsync(Given.Open with { DataFlow = new() { NoExfiltration = true } }, AuditContentMode.Encrypted, async guard =>
        {
            await guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel);
            await guard.InspectAsync(new ToolResult("crm_get", $$"""{"{{new string('k', length)}}":"bob@corp.example"}"""), Session, Given.Cancel);
            await guard.InspectAsync(guard.Call("send_email", "bob@corp.example"), Session, Given.Cancel);
        });
        Assert.Equal(isKept ? (ReplayOutcome.Same, null) : (ReplayOutcome.NotReplayed, "it is too long for a record"), Short(await ReplayAsync(policy, records[^1])));
    }

    [Fact]
    public async Task AStepOfManyCallsIsReplayedWhole()
    {
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static async guard =>
            await guard.Pipeline.InspectAllAsync([.. Enumerable.Range(0, 70).Select(i => guard.Call("get", i))], guard.RunOf(Session), Given.Cancel));
        Assert.Equal(70, records.Count);
        using var replayer = Replayer(policy);
        foreach (var record in records.Take(1).Concat(records.TakeLast(2)))
        {
            Assert.Equal((ReplayOutcome.Same, null), Short(await replayer.ReplayAsync(JsonSerializer.SerializeToElement(record), Given.Cancel)));
        }

        foreach (var record in records)
        {
            replayer.Hear(JsonSerializer.SerializeToElement(record));
        }

        Assert.Equal((ReplayOutcome.Same, null), Short(await replayer.ReplayAsync(JsonSerializer.SerializeToElement(records[^1]), Given.Cancel)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task WhatCannotBeSealedIsWhatRequiredSays(bool required)
    {
        var kept = new List<AuditRecord>();
        var log = new AuditLog(new Dictionary<string, IAuditTransport> { ["mine"] = new Kept(kept) }, new("one", null), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        log.Apply(new(new() { Transports = ["mine"], Required = required }, AuditKeys.None));
        var subject = new UserInput("x");
        var refused = await log.RecordAsync(new(DecisionId.Next(), subject, Session, Verdict.None, Decision.Allow), new Unsealable(), Given.Cancel);
        await log.EndAsync();
        Assert.Equal(required ? "audit/unavailable" : null, refused?.Rule);
        Assert.Equal(required ? [] : ["it could not be sealed: FormatException"], kept.Select(static record => record.Replay));
    }

    private static async Task AskAsync(AegisGuard guard) => await guard.InspectAsync(new UserInput("0.5"), Session, Given.Cancel);

    private static (ReplayOutcome Outcome, string? Why) Short(ReplayResult result) => (result.Outcome, result.Why);

    private static AuditReplayer Replayer(AegisPolicy policy, IReadOnlyList<ContentKey>? keys = null, bool isWhatIf = false) => new(policy, [], keys ?? [Key], isWhatIf);

    private static async Task<ReplayResult> ReplayAsync(AegisPolicy policy, JsonNode record, IReadOnlyList<ContentKey>? keys = null, bool isWhatIf = false)
    {
        using var replayer = Replayer(policy, keys, isWhatIf);
        return await replayer.ReplayAsync(JsonSerializer.SerializeToElement(record), Given.Cancel);
    }

    private static async Task<(List<JsonNode> Records, AegisPolicy Policy)> RecordAsync(AegisPolicy policy, AuditContentMode mode, Func<AegisGuard, Task> act, Action<AegisBuilder>? more = null, AuditLevel level = AuditLevel.All, ISessionStore? store = null)
    {
        var kept = new List<AuditRecord>();
        policy = policy with { Audit = new() { Transports = ["mine"], Level = level, Content = mode, ContentKey = mode == AuditContentMode.None ? null : Secret } };
        await using var guard = Given.Guard(policy, new FakeTimeProvider(), store, builder =>
        {
            builder.AddAuditTransport("mine", new Kept(kept)).UseJudge(new Approving()).AddGuard(new Risky());
            more?.Invoke(builder);
        });
        await act(guard);
        await guard.FlushAuditAsync(Given.Cancel);
        return ([.. kept.Where(static record => record.Type != "judge_evaluation").Select(static record => JsonNode.Parse(record.ToJson())!)], policy);
    }

    private static Task<(List<JsonNode> Records, AegisPolicy Policy)> RecordAsync<T>(AegisPolicy policy, AuditContentMode mode, Func<AegisGuard, ValueTask<Outcome<T>>> act, Action<AegisBuilder>? more = null, ISessionStore? store = null)
        where T : Subject => RecordAsync(policy, mode, async guard => { await act(guard); }, more, store: store);

    /// <summary>Puts another answer on the tape of a record, and seals it anew.</summary>
    private static void Tamper(JsonNode record, string channel, Action<TapeWriter> answer, int more = 0)
    {
        var about = ReplayToken.RecordOf((string)record["id"]!, (string)record["policyHash"]!);
        var reader = new TapeReader(ReplayToken.Parse((string)record["replay"]!)!.Open(Key, about)!, null!, null!, default);
        var (index, isOfAnother, count, begin, blobs) = (reader.Number(), reader.Flag(), reader.Number(), reader.Bytes(), reader.All(reader.Bytes));
        Assert.False(isOfAnother);
        var channels = reader.All(() => (Name: reader.Name(), Heard: reader.All(reader.Number)));
        var outcome = TapeOutcome.Read(reader);
        using var blob = new TapeWriter(null);
        blob.Flag(false);
        answer(blob);
        using var writer = new TapeWriter(null);
        writer.Number(index);
        writer.Flag(false);
        writer.Number(count);
        writer.Bytes(begin);
        writer.All([.. blobs, blob.ToArray()], bytes => writer.Bytes(bytes));
        writer.All(channels, one =>
        {
            writer.Name(one.Name);
            writer.All(one.Name == channel ? [.. Enumerable.Repeat((long)blobs.Count, one.Heard.Count + more)] : one.Heard, writer.Number);
        });
        outcome.Write(writer);
        Assert.Contains(channel, channels.Select(static one => one.Name));
        record["replay"] = ReplayToken.Of(Key, ReplayTokenKind.Sealed, writer.ToArray(), about);
    }

    private sealed class Kept(List<AuditRecord> records) : IAuditTransport
    {
        public ValueTask WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
        {
            records.AddRange(batch);
            return default;
        }
    }

    private sealed class Unsealable : IAuditContent
    {
        public string Seal() => throw new FormatException();

        public string Missing(string why) => why;
    }

    /// <summary>A transport that waits until it is let go.</summary>
    private sealed class Slow(CancellationTokenSource? gone) : IAuditTransport
    {
        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<AuditRecord> Records { get; } = [];

        public async ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
        {
            if (gone is not null)
            {
                await gone.CancelAsync();
            }

            await Open.Task;
            Records.AddRange(records);
        }
    }

    private sealed class Sure(double risk) : ITextClassifier
    {
        public string Rule => "mine/sure";

        public ValueTask<TextRisk> ClassifyAsync(string text, Checkpoint checkpoint, CancellationToken cancellationToken) => new(new TextRisk(risk));
    }

    private sealed class Wordy : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
            new(Verdict.Of([.. Enumerable.Range(0, 100).Select(static i => new Finding(FormattableString.Invariant($"mine/rule-{i}"), Decision.Flag, 0.1))]));
    }

    private sealed class Dear : IJudge
    {
        public ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken) => new(new JudgeReply(JudgeVerdict.Approve, 1));

        public TokenUsage Estimate(JudgeQuestion question) => throw new EndOfStreamException();
    }

    private sealed class Approving : IJudge
    {
        public ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken) => new(new JudgeReply(JudgeVerdict.Approve, 1));
    }

    private sealed class Risky : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
            new(double.TryParse(subject.Text, System.Globalization.CultureInfo.InvariantCulture, out var risk) ? Verdict.Of(new Finding("mine/risk", Decision.Flag, risk)) : Verdict.None);
    }
}
