using System.Buffers;
using System.Collections.Concurrent;
using Aegis.Flow;
using Aegis.Tools.Effects;
using Aegis.Policies;
using Aegis.Scanning.Classifying;
using Aegis.Scanning.Decoding;
using Aegis.Scanning.Detecting;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Scanning;

/// <summary>
/// Reads a text through the canonical view, then its letters alone, then what it spells in other encodings: rules read each of them, the classifier
/// all but letters alone, detectors the text as it stands. At or above the block line a finding blocks, below it it flags.
/// </summary>
/// <param name="matcher">The rules.</param>
/// <param name="decoders">The encodings that are read; none: the text is read as it stands.</param>
/// <param name="detectors">What looks at the text as a whole.</param>
/// <param name="classifier">What weighs its words, and those that it spells; null: nothing.</param>
/// <param name="blockAt">The block line.</param>
internal sealed class TextScanner(IRuleMatcher matcher, IReadOnlyList<IDecoder> decoders, IReadOnlyList<IDetector> detectors, InjectionClassifier? classifier, double blockAt)
{
    /// <summary>Id of the finding that not all of a text was decoded.</summary>
    public const string Undecoded = "encoding/too-much";

    private const double DoubtfulRisk = 0.90;   // below it the classifier says nothing, unless the block line is lower: too many harmless texts stand there
    private const double UndecodedRisk = 0.6;
    private const double WeakRisk = 0.4;
    private const int MaxSentence = 256;
    private const int Head = 192;   // characters of a text that may go on with what came before
    private const string Apart = "letters apart or replaced";
    private const string Joined = "joined with what came before";

    /// <summary>Ids of what finds something beside the rules of packs, and can be ignored like them.</summary>
    public static IReadOnlyList<string> OtherRules { get; } = [.. Detectors.Rules, InjectionClassifier.Rule];

    /// <summary>What almost every guard reads with, made once.</summary>
    private static readonly Lazy<IReadOnlyList<IDecoder>> OwnDecoders = new(static () => Decode(RuleTable.BuiltIn.Rules));

    private const int MaxPool = 16;

    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".!?\n;\"<>|{}[]");

    private readonly IDecoder[] _decoders = [.. decoders];
    private readonly IDetector[] _detectors = [.. detectors];
    private readonly ConcurrentBag<ScanMemory> _pool = [];

    /// <summary>The scanner of a policy.</summary>
    /// <param name="rules">The rules that are used.</param>
    /// <param name="settings">The policy's <c>scanner</c>.</param>
    /// <param name="readsEncodings">The policy's <c>input.encodingNormalization</c>.</param>
    /// <param name="blockAt">The block line.</param>
    public static TextScanner For(IReadOnlyList<Rule> rules, ScannerPolicy settings, bool readsEncodings, double blockAt)
    {
        var (matcher, decoders, classifier) = (default(IRuleMatcher), default(IReadOnlyList<IDecoder>), default(InjectionClassifier));
        Parallel.Invoke(   // each has tables of its own to make, the first time
            () => matcher = RuleMatcher.For(rules),
            () => decoders = !readsEncodings ? [] : rules.SequenceEqual(RuleTable.BuiltIn.Rules, ReferenceEqualityComparer.Instance) ? OwnDecoders.Value : Decode(rules),
            () => classifier = settings.Classifier && !settings.IgnoreRules.Contains(InjectionClassifier.Rule, StringComparer.Ordinal) ? InjectionClassifier.BuiltIn : null);
        return new(matcher!, decoders!, Detectors.For(settings), classifier, blockAt);
    }

    public Verdict Scan(string text, Checkpoint checkpoint, ScanContext context = default)
    {
        if (text.Length == 0)
        {
            return Verdict.None;
        }

        var memory = _pool.TryTake(out var pooled) ? pooled : new();
        var verdict = Scan(text, checkpoint, context, memory);
        memory.Clear();
        if (_pool.Count < MaxPool)
        {
            _pool.Add(memory);
        }

        return verdict;
    }

    private Verdict Scan(string text, Checkpoint checkpoint, ScanContext context, ScanMemory memory)
    {
        var (findings, words) = (memory.Findings, default(WindowScore));
        memory.Budget.Begin(text.Length);
        memory.Canonical.Begin(text);
        using (var canonical = memory.Canonical)
        {
            Read(text, canonical, null, checkpoint, memory);
            Weigh(canonical, null, checkpoint, ref words);
            if (context.Tail is { Length: > 0 } tail)
            {
                ReadJoint(text, tail, checkpoint, memory);
            }

            foreach (var detector in _detectors)
            {
                if (detector.Detect(text, canonical, checkpoint) is { } finding)
                {
                    findings.Add(Judge(finding));
                }
            }
        }

        while (memory.Views.TryDequeue(out var view))
        {
            using var canonical = CanonicalText.Of(view.Text);
            Read(view.Text, canonical, view, checkpoint, memory);
            Weigh(canonical, view, checkpoint, ref words);
        }

        if (memory.Budget.IsSpent)
        {
            findings.Add(Judge(new(Undecoded, Decision.Flag, UndecodedRisk) { Category = "encoding-attack", Owasp = ["LLM01:2025"], Atlas = ["AML.T0051.000"] }));
        }

        var (risk, byWords) = Classify(words, checkpoint, findings);
        if (findings.Count == 0 && byWords is null)
        {
            return Stayed(Verdict.None);
        }

        if (context.Task is { IsKnown: true } task)
        {
            for (var i = 0; i < findings.Count; i++)
            {
                findings[i] = InPlace(findings[i], text, task);
            }
        }

        return byWords is null ? Stayed(Verdict.Of([.. findings])) : Verdict.Of([.. findings, byWords]);

        // What stayed below every finding; only what is typed is ever judged with what was typed before.
        Verdict Stayed(Verdict found) => checkpoint == Checkpoint.Input && risk > found.Risk ? found.And(Verdict.Clean(risk)) : found;
    }

    /// <summary>Keeps the window of all that was read whose words weigh most.</summary>
    private void Weigh(CanonicalText canonical, DecodedText? view, Checkpoint checkpoint, ref WindowScore words)
    {
        if (classifier is not null && InjectionClassifier.Reads(checkpoint) && classifier.Score(canonical, checkpoint) is { Range: { } range } found && (words.Range is null || found.Score > words.Score))
        {
            words = found with { Range = view?.Locate(range) ?? range };
        }
    }

    /// <summary>What words and the surest finding come to together; a finding only where it is no longer in doubt.</summary>
    private (double Risk, Finding? Finding) Classify(WindowScore words, Checkpoint checkpoint, List<Finding> findings)
    {
        if (classifier is null || words.Range is null)
        {
            return default;
        }

        var surest = findings.Count == 0 ? null : findings.Where(static finding => finding.Category != PolicyCompiler.CustomCategory).MaxBy(static finding => finding.Risk);   // custom patterns flag, and no more
        var risk = classifier.RiskOf(words.Score, surest?.Risk ?? 0, checkpoint);
        return (risk, risk < Math.Min(blockAt, DoubtfulRisk) ? null : Judge(new(InjectionClassifier.Rule, Decision.Flag, risk)
        {
            Range = words.Range,
            Category = "prompt-injection",
            Owasp = ["LLM01:2025"],
            Atlas = [checkpoint == Checkpoint.Input ? "AML.T0051.000" : "AML.T0051.001"],
            Detail = surest is null ? null : $"its words, with {surest.Rule}",
        }));
    }

    /// <summary>A sentence that has nothing to do with the user's task weighs more: half of what is missing to certainty.</summary>
    private Finding InPlace(Finding finding, string text, UserRequest task)
    {
        if (finding.Range is not { } range || finding.Risk < WeakRisk || finding.Risk >= blockAt)
        {
            return finding;
        }

        var before = text.AsSpan(0, range.Start).LastIndexOfAny(SentenceEnds) + 1;
        var after = text.AsSpan(range.End).IndexOfAny(SentenceEnds);
        var start = Math.Max(before, range.Start - MaxSentence);
        var end = Math.Min(after < 0 ? text.Length : range.End + after, range.End + MaxSentence);
        if (WordForm.Of(text[start..end]).Any(task.Names))
        {
            return finding;
        }

        var raised = FormattableString.Invariant($"its sentence has no word of the user's task, so {finding.Risk:0.##} counts as {1 - ((1 - finding.Risk) / 2):0.##}");
        return Judge(finding with { Risk = 1 - ((1 - finding.Risk) / 2), Detail = finding.Detail is { } detail ? $"{detail}; {raised}" : raised });
    }

    /// <summary>What begins at the end of what came before, and ends in this text.</summary>
    private void ReadJoint(string text, string tail, Checkpoint checkpoint, ScanMemory memory)
    {
        var (hits, findings) = (memory.Hits, memory.Findings);
        using var canonical = CanonicalText.Of(string.Concat(tail, " ", text.AsSpan(0, Math.Min(text.Length, Head))));
        hits.Clear();
        matcher.Match(canonical, checkpoint, hits);
        Keep(From(hits), null, Joined, findings, isJoint: true);
        if (_decoders.Length > 0)
        {
            using var loose = LooseText.Of(canonical);
            hits.Clear();
            if (loose.IsMostlyOdd(0, loose.Length))
            {
                matcher.Match(loose, checkpoint, hits);
            }

            Keep(From(hits), null, $"{Joined}, {Apart}", findings, isJoint: true);
        }

        List<RuleHit> From(List<RuleHit> all) => [.. all.Where(hit => hit.Range.Start < tail.Length && hit.Range.End > tail.Length + 1).Select(hit => hit with { Range = new(0, hit.Range.End - tail.Length - 1) })];
    }

    private void Read(string text, CanonicalText canonical, DecodedText? view, Checkpoint checkpoint, ScanMemory memory)
    {
        var (hits, findings) = (memory.Hits, memory.Findings);
        hits.Clear();
        matcher.Match(canonical, checkpoint, hits);
        Keep(hits, view, view?.Encoding, findings);
        if (_decoders.Length == 0)
        {
            return;
        }

        memory.Loose.Begin(canonical);
        using (var loose = memory.Loose)
        {
            hits.Clear();
            matcher.Match(loose, checkpoint, hits);
            Keep(hits, view, view is null ? Apart : $"{view.Encoding}, {Apart}", findings);
        }

        var input = memory.Input;
        input.Begin(text, canonical, view);
        foreach (var decoder in _decoders)
        {
            decoder.Decode(input);
        }

        if (input.Found is not { } all)
        {
            return;
        }

        if (view?.Depth >= DecodingBudget.MaxDepth)
        {
            memory.Budget.Overrun();   // another layer
            return;
        }

        foreach (var found in all)
        {
            memory.Views.Enqueue(found);
        }
    }

    /// <summary>One finding a rule: where the text is read most directly.</summary>
    private void Keep(List<RuleHit> hits, DecodedText? view, string? encoding, List<Finding> findings, bool isJoint = false)
    {
        foreach (var (rule, range) in hits)
        {
            if (!findings.Exists(finding => string.Equals(finding.Rule, rule.Id, StringComparison.Ordinal)))
            {
                findings.Add(Judge(new(rule.Id, Decision.Flag, rule.Risk)
                {
                    Range = view?.Locate(range) ?? range,
                    Category = rule.Category,
                    Owasp = rule.Owasp,
                    Atlas = rule.Atlas,
                    Detail = encoding is null ? null : $"read as: {encoding}",
                    IsJoint = isJoint,
                }));
            }
        }
    }

    private static IReadOnlyList<IDecoder> Decode(IReadOnlyList<Rule> rules) => Decoders.For([.. rules.SelectMany(static rule => rule.Keywords)]);

    private Finding Judge(Finding finding) => finding with { Decision = finding.Risk >= blockAt ? Decision.Block : Decision.Flag };
}
