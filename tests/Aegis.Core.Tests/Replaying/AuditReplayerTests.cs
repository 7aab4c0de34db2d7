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

        Assert.Equal((ReplayOutcome.NotReplayed, "the record of the first call of its step is not in the log before it"), Short(await ReplayAsync(policy, records[1])));
    }

    [Fact]
    public async Task AStoreThatFailedFailsAgain()
    {
        var store = new Mock<ISessionStore>();
        store.Setup(static store => store.ReadAsync(It.IsAny<SessionId>(), It.IsAny<CancellationToken>())).Throws<EndOfStreamException>();
        var (records, policy) = await RecordAsync(Given.Open, AuditContentMode.Encrypted, static guard => guard.InspectAsync(new UserInput("hello"), Session, Given.Cancel), store.Object);
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
        Assert.True(result.IsNever);
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
        Assert.Equal(required ? [] : ["n1.it could not be sealed: FormatException"], kept.Select(static record => record.Replay));
    }

    private static async Task AskAsync(AegisGuard guard) => await guard.InspectAsync(new UserInput("0.5"), Session, Given.Cancel);

    private static (ReplayOutcome Outcome, string? Why) Short(ReplayResult result) => (result.Outcome, result.Why);

    private static async Task<ReplayResult> ReplayAsync(AegisPolicy policy, JsonNode record, IReadOnlyList<ContentKey>? keys = null, bool isWhatIf = false)
    {
        using var replayer = new AuditReplayer(policy, [], keys ?? [Key], isWhatIf);
        return await replayer.ReplayAsync(JsonSerializer.SerializeToElement(record), Given.Cancel);
    }

    private static async Task<(List<JsonNode> Records, AegisPolicy Policy)> RecordAsync(AegisPolicy policy, AuditContentMode mode, Func<AegisGuard, ValueTask> act, ISessionStore? store = null)
    {
        var kept = new List<AuditRecord>();
        policy = policy with { Audit = new() { Transports = ["mine"], Content = mode, ContentKey = mode == AuditContentMode.None ? null : Secret } };
        await using var guard = Given.Guard(policy, new FakeTimeProvider(), store, builder => builder.AddAuditTransport("mine", new Kept(kept)).UseJudge(new Approving()).AddGuard(new Risky()));
        await act(guard);
        await guard.FlushAuditAsync(Given.Cancel);
        return ([.. kept.Where(static record => record.Type != "judge_evaluation").Select(static record => JsonNode.Parse(record.ToJson())!)], policy);
    }

    private static Task<(List<JsonNode> Records, AegisPolicy Policy)> RecordAsync<T>(AegisPolicy policy, AuditContentMode mode, Func<AegisGuard, ValueTask<Outcome<T>>> act, ISessionStore? store = null)
        where T : Subject => RecordAsync(policy, mode, async guard => { await act(guard); }, store);

    private static Task<(List<JsonNode> Records, AegisPolicy Policy)> RecordAsync(AegisPolicy policy, AuditContentMode mode, Func<AegisGuard, Task> act) => RecordAsync(policy, mode, guard => new ValueTask(act(guard)));

    /// <summary>Puts another answer on the tape of a record, and seals it anew.</summary>
    private static void Tamper(JsonNode record, string channel, Action<TapeWriter> answer)
    {
        var about = ReplayToken.AboutOf((string)record["id"]!, (string)record["policyHash"]!);
        var reader = new TapeReader(ReplayToken.Parse((string)record["replay"]!)!.Open(Key, about)!, null!, null!, default);
        var (index, count, begin, blobs) = (reader.Number(), reader.Number(), reader.Bytes(), reader.All(reader.Bytes));
        var channels = reader.All(() => (Name: reader.Name(), Heard: reader.All(reader.Number)));
        var outcome = TapeOutcome.Read(reader);
        using var blob = new TapeWriter(null);
        blob.Flag(false);
        answer(blob);
        using var writer = new TapeWriter(null);
        writer.Number(index);
        writer.Number(count);
        writer.Bytes(begin);
        writer.All([.. blobs, blob.ToArray()], bytes => writer.Bytes(bytes));
        writer.All(channels, one =>
        {
            writer.Name(one.Name);
            writer.All(one.Name == channel ? one.Heard.ConvertAll(_ => (long)blobs.Count) : one.Heard, writer.Number);
        });
        TapeOutcome.Write(writer, outcome.Verdict, outcome.Decision);
        Assert.Contains(channel, channels.Select(static one => one.Name));
        record["replay"] = ReplayToken.Of(Key, isHashed: false, writer.ToArray(), about);
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

        public string Missing(string why) => ReplayToken.Missing(why);
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
