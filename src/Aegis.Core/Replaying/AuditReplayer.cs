using System.Text;
using System.Text.Json;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Guarding;
using Aegis.Policies;
using Aegis.Policies.Documents;
using Aegis.Tools;

namespace Aegis.Replaying;

/// <summary>
/// Judges again what the records of an audit log are about, with the pipeline of a policy and all that was heard from outside then. Records come in the order of the
/// log: those of the calls of one step belong together. Not thread-safe.
/// </summary>
internal sealed class AuditReplayer : IDisposable
{
    private const int Steps = 64;   // that are remembered: records of one stand together

    private readonly AegisGuard _guard;
    private readonly IReadOnlyList<ContentKey> _keys;
    private readonly bool _isWhatIf;
    private readonly string _rules;
    private readonly Dictionary<string, GuardPipeline> _pipelines;
    private readonly Dictionary<string, byte[]> _heads = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    /// <param name="policy">The policy.</param>
    /// <param name="packs">Rule packs of the app, with their names, in the order in which it adds them.</param>
    /// <param name="keys">Keys of the content.</param>
    /// <param name="isWhatIf">Whether records of other policies and of another Aegis are judged too.</param>
    /// <exception cref="PolicyException">The policy or a pack has mistakes.</exception>
    public AuditReplayer(AegisPolicy policy, IReadOnlyList<(string Json, string Source)> packs, IReadOnlyList<ContentKey> keys, bool isWhatIf)
    {
        (_keys, _isWhatIf) = (keys, isWhatIf);
        _rules = RuleFingerprint.Of(packs.Select(static pack => pack.Json));
        _guard = GuardOf(policy, packs);
        var pipeline = _guard.Pipeline;
        _pipelines = new(StringComparer.Ordinal) { [PolicyCompiler.DecidingHashOf(policy)] = pipeline };
        if (pipeline.Stricter is { } stricter)
        {
            _pipelines[PolicyCompiler.DecidingHashOf(PolicyCompiler.Stricter(policy))] = stricter;
        }
    }

    /// <summary>A guard that asks nobody. What signs, records and alerts decides nothing, and its secrets need not be here.</summary>
    private static AegisGuard GuardOf(AegisPolicy policy, IReadOnlyList<(string Json, string Source)> packs)
    {
        try
        {
            return Make([]);
        }
        catch (PolicyException e) when (e.Errors.All(static error => error.Code == PolicyErrorCodes.Rule && error.Path.StartsWith("$.scanner.ignoreRules", StringComparison.Ordinal)))
        {
            // What is ignored and no rule of the scanner is a classifier of the app: it is not asked.
            return Make(policy.Scanner!.IgnoreRules.Where((_, i) => e.Errors.Any(error => error.Path == FormattableString.Invariant($"$.scanner.ignoreRules[{i}]"))));
        }

        AegisGuard Make(IEnumerable<string> classifiers) => AegisGuard.Create(policy with { Audit = null, Integrity = null, Alerting = null }, builder =>
        {
            var silent = new SilentHelper();
            builder.UseTimeProvider(new StoppedTime()).UseJudge(silent).UseExtractor(silent).UseApprover(silent);
            foreach (var (json, source) in packs)
            {
                builder.AddRulePack(json, source);
            }

            foreach (var rule in classifiers)
            {
                builder.AddClassifier(new SaidClassifier(rule, []));
            }
        });
    }

    public void Dispose() => _guard.Dispose();

    /// <summary>Whether a record is about an inspection, so that it is one to replay.</summary>
    public static bool IsInspection(JsonElement record) => Text(record, "replay") is not null
        || (Text(record, "id") is not null && Text(record, "checkpoint") is { } checkpoint
            && Text(record, "type") is not (EventTypes.JudgeEvaluation or EventTypes.SandboxTrigger or EventTypes.SandboxResult or EventTypes.QuarantineCreate or EventTypes.ExcessiveUnwrap or EventTypes.ToolApprove)
            && !(checkpoint == AuditJson.NameOf(Checkpoint.ToolDescription) && RulesOf(record) is { Count: > 0 } rules && rules.All(ToolIntegrityGuard.IsRule)));   // what pins say of a tool, besides the step that it is kept out of

    /// <summary>Replays one record.</summary>
    public async ValueTask<ReplayResult> ReplayAsync(JsonElement record, CancellationToken cancellationToken)
    {
        var (opened, failed) = Open(record);
        if (opened is null)
        {
            return failed!;
        }

        try
        {
            return await ReplayAsync(record, opened, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ReplayResult.Not($"it cannot be read: {e.GetType().Name}");
        }
    }

    /// <summary>Reads a record for those of its step alone.</summary>
    public void Hear(JsonElement record)
    {
        if (Open(record) is ({ } opened, null))
        {
            RememberIfHead(opened);
        }
    }

    private (Opened? Opened, ReplayResult? Failed) Open(JsonElement record)
    {
        if (Text(record, "replay") is not { } said || Text(record, "id") is not { } id || Text(record, "policyHash") is not { } hash)
        {
            return (null, ReplayResult.Not(ReplayResult.NothingKept));
        }

        if (ReplayToken.Parse(said) is not { } token)
        {
            return (null, ReplayResult.Not("what was kept is not of a version that is known here"));
        }

        if (_keys.FirstOrDefault(key => key.Id == token.Key) is not { } key)
        {
            return (null, ReplayResult.Not($"the key {AuditText.Of(token.Key)} of its content is not here"));
        }

        return token.Open(key, ReplayToken.RecordOf(id, hash)) is not { } bytes ? (null, ReplayResult.Not("what was kept was changed, or is another record's"))
            : token.Kind is ReplayTokenKind.Never or ReplayTokenKind.Failed ? (null, ReplayResult.Not(AuditText.Of(Encoding.UTF8.GetString(bytes)) ?? "") with { IsNever = token.Kind == ReplayTokenKind.Never })
            : (new(id, hash, token.Kind == ReplayTokenKind.Hashed, bytes), null);
    }

    private async ValueTask<ReplayResult> ReplayAsync(JsonElement record, Opened opened, CancellationToken cancellationToken)
    {
        RememberIfHead(opened);
        var reader = Reader(_guard.Pipeline, opened.Bytes);
        var index = (int)reader.Number();
        var head = reader;
        if (reader.Optional(reader.Name) is { } first)
        {
            if (!_heads.TryGetValue(first, out var kept))
            {
                return ReplayResult.Not("the record of its step that has what was heard is not in the log before it");
            }

            head = Reader(_guard.Pipeline, kept);
            head.Number();
            head.Flag();
        }

        var (count, began) = ((int)head.Number(), head.Bytes());
        var begin = Reader(_guard.Pipeline, began);
        var (rules, deciding) = (begin.Name(), begin.Name());
        var isOther = !_pipelines.TryGetValue(deciding, out var known);
        if (isOther && !_isWhatIf)
        {
            return ReplayResult.Not($"another policy decided, {AuditText.Of(opened.PolicyHash)}");
        }

        if (rules != _rules && !_isWhatIf)
        {
            return ReplayResult.Not($"another version of Aegis, or other rule packs, decided: {AuditText.Of(rules)}, and here is {_rules}");
        }

        var pipeline = known ?? _guard.Pipeline;
        var blobs = head.All(head.Bytes);
        var channels = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        head.All(() => channels[head.Name()] = head.All(() => (int)head.Number()));
        var then = TapeOutcome.Read(reader);
        reader.End();
        var isWhatIf = isOther || rules != _rules;
        var tape = new TapePlayer(opened.IsHashed, blobs, channels, isWhatIf, blob => Reader(pipeline, blob));
        begin = Reader(pipeline, began);
        begin.Name();
        begin.Name();
        var kind = (TapeKind)begin.Byte();
        var run = RunCodec.Read(begin, _guard);
        var subjects = begin.All(() => SubjectCodec.Read(begin));
        var finding = VerdictCodec.Finding.Read(begin);
        begin.End();
        if (subjects.Count != count || index < 0 || index >= count)
        {
            return ReplayResult.Not("it is malformed");
        }

        Inspection? now;
        try
        {
            now = await JudgeAsync(new(pipeline.Policy, pipeline.Services, tape), kind, subjects, index, run, finding, cancellationToken);
        }
        catch (DivergedException e)
        {
            return new(ReplayOutcome.Different, e.Message) { Recorded = (then.Verdict, then.Decision), IsWhatIf = isWhatIf };
        }

        var result = Compare(then, now is { } made ? TapeOutcome.Of(made, opened.IsHashed) : new(Verdict.None, Decision.Allow, ""), opened.IsHashed, tape) with { IsWhatIf = isWhatIf };
        return result.Outcome is ReplayOutcome.Same or ReplayOutcome.SameWithoutTexts && Visible(record, then) is { } wrong ? result with { Outcome = ReplayOutcome.Different, Why = wrong } : result;
    }

    private static async ValueTask<Inspection?> JudgeAsync(GuardPipeline pipeline, TapeKind kind, List<Subject> subjects, int index, AegisRun run, Finding? finding, CancellationToken cancellationToken) => kind switch
    {
        TapeKind.Inspect => await pipeline.InspectAsync(subjects[0], run, cancellationToken),
        TapeKind.InspectAll => (await pipeline.InspectAllAsync(subjects.ConvertAll(static subject => (ToolCall)subject), run, cancellationToken))[index],
        TapeKind.RefuseUnasked => await pipeline.RefuseUnaskedAsync((ToolCall)subjects[0], run, cancellationToken),
        TapeKind.Release => await pipeline.ReleaseAsync((ToolResult)subjects[0], run, finding!, cancellationToken),
        TapeKind.Record => await pipeline.RecordAsync(subjects[0], run, finding!, cancellationToken),
        _ => throw TapeReader.Malformed(),
    };

    private static ReplayResult Compare(TapeOutcome then, TapeOutcome now, bool isHashed, TapePlayer tape)
    {
        var isSame = Bytes(then, isHashed).AsSpan().SequenceEqual(Bytes(now, isHashed));
        var why = tape.Diverged ?? (isSame ? tape.Unheard : DifferenceOf(then, now));
        return new(why is not null ? ReplayOutcome.Different : isHashed ? ReplayOutcome.SameWithoutTexts : ReplayOutcome.Same, why) { Recorded = (then.Verdict, then.Decision), Replayed = tape.Diverged is null ? (now.Verdict, now.Decision) : null };   // what somebody has not answered is no verdict
    }

    private static byte[] Bytes(TapeOutcome outcome, bool isHashed)
    {
        using var writer = new TapeWriter(isHashed ? Nothing : null);
        outcome.Write(writer);
        return writer.ToArray();
    }

    /// <summary>Leaves out what was not kept; no text is hashed with it.</summary>
    private static ContentKey Nothing { get; } = new([0]);

    private static string DifferenceOf(TapeOutcome then, TapeOutcome now)
    {
        var (before, after) = (then.Verdict.Findings, now.Verdict.Findings);
        if (then.Decision != now.Decision)
        {
            return $"decided {Word(then.Decision)} then and {Word(now.Decision)} now";
        }

        for (var i = 0; i < Math.Min(before.Length, after.Length); i++)
        {
            if (before[i].Rule != after[i].Rule)
            {
                return FormattableString.Invariant($"finding {i + 1} is {AuditText.Of(before[i].Rule)} then and {AuditText.Of(after[i].Rule)} now");
            }

            if (before[i].Risk.CompareTo(after[i].Risk) != 0 || before[i].Range != after[i].Range || before[i].Decision != after[i].Decision)
            {
                return FormattableString.Invariant($"finding {i + 1}, {AuditText.Of(before[i].Rule)}, has another decision, risk or place: {Word(before[i].Decision)} {before[i].Risk:R} then, {Word(after[i].Decision)} {after[i].Risk:R} now");
            }
        }

        return before.Length != after.Length ? FormattableString.Invariant($"{before.Length} findings then and {after.Length} now")
            : then.Given != now.Given ? "the verdict is the same, and what goes on is another text, or other arguments or tools" : "the findings differ in their details";
    }

    /// <summary>What everybody can read of the record says something else than what was kept; null: the same.</summary>
    private static string? Visible(JsonElement record, TapeOutcome outcome) =>
        Text(record, "decision") != Word(outcome.Decision) || Text(record, "verdict") is var said && (said ?? Word(outcome.Decision)) != Word(outcome.Verdict.Decision)
            || !RulesOf(record).SequenceEqual(AuditRecords.RulesOf(outcome.Verdict), StringComparer.Ordinal)
            ? "the record says something else than what was kept for its replay" : null;

    private static IReadOnlyList<string?> RulesOf(JsonElement record) =>
        record.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array ? [.. rules.EnumerateArray().Select(static rule => rule.ToString())] : [];

    private TapeReader Reader(GuardPipeline pipeline, byte[] bytes) => new(bytes, pipeline.Policy.Tools, _guard.Services.Store, _guard.InstanceSession);

    /// <summary>Keeps a record that others of its step may name.</summary>
    private void RememberIfHead(Opened opened)
    {
        var reader = Reader(_guard.Pipeline, opened.Bytes);
        reader.Number();
        if (!reader.Flag() && _heads.TryAdd(opened.Id, opened.Bytes))
        {
            _order.Enqueue(opened.Id);
            if (_order.Count > Steps)
            {
                _heads.Remove(_order.Dequeue());
            }
        }
    }

    private static string Word(Decision decision) => AuditJson.NameOf(decision);

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What was kept of one record.</summary>
    private sealed record Opened(string Id, string PolicyHash, bool IsHashed, byte[] Bytes);
}
