using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Core.Tests.Guarding;
using Aegis.Core.Tests.Sessions;
using Aegis.Docs.Tests;
using Aegis.Policies;
using Aegis.Scanning;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning;

/// <summary>
/// Sessions of eight texts, drawn from corpora with a fixed seed, under <c>balanced</c> with <c>effect: block</c> (<c>docs/trajectory.md</c>); where
/// <c>../shared/data</c> stands beside the repository also from there, of which only the half is used by which nothing was chosen.
/// </summary>
public class TrajectoryCorpusTests(ITestOutputHelper output)
{
    private const int Turns = 8;

    /// <summary>Sessions of public harmless texts; fewer are the first of them.</summary>
    private static readonly int Harmless = Extent.Of(4_000, 1_000);

    /// <summary>Of 1,000 sessions; where this was last changed, 21 were.</summary>
    private const double MostHarmless = 30;

    /// <summary>Of 1,000 sessions; where this was last changed, 952 were.</summary>
    private const double LeastAttacks = 930;

    private static readonly TextScanner Scanner = TextScanner.For([.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules)], new(), readsEncodings: true, PolicyCompiler.BlockLine(Sensitivity.Balanced));
    private static readonly ConcurrentDictionary<string, Verdict> Verdicts = new(StringComparer.Ordinal);

    private readonly AegisGuard _guard = Given.Guard(
        Given.Open with { Session = new() { Trajectory = new() { Effect = TrajectoryEffect.Block } } },
        more: static builder => builder.AddGuard(new SeamGuard<UserInput>(static (input, _, _) => new(Verdicts[input.Text]))));

    private int _sessions;

    /// <summary>A third of these texts have words that attacks have; a session is of one language.</summary>
    [Fact]
    public async Task HarmlessUsersAreSeldomTakenForAttackers()
    {
        var languages = Directory.GetFiles(Path.Combine(Repository.Root, "corpora", "harmless"), "*.txt").Where(static file => Path.GetFileNameWithoutExtension(file) != "tool-results").Order(StringComparer.Ordinal).ToArray();
        var drawn = new List<string[]>();
        foreach (var language in languages)
        {
            drawn.AddRange(Draw(Lines(language), 100));
        }

        Assert.InRange((await MeasureAsync("corpora/harmless, one language a session", drawn)).Stopped, 0, MostHarmless);
    }

    [Fact]
    public async Task WhoTriesAgainAndAgainIsStopped()
    {
        var attacks = Lines(Path.Combine(Repository.Root, "corpora", "training", "typed-attacks-en.txt"));
        Scan(attacks);
        var below = attacks.Where(static text => Verdicts[text].Decision < Decision.Block).ToArray();
        var any = await MeasureAsync("attacks", Draw(attacks, 500));
        var hidden = await MeasureAsync("attacks that pass alone", Draw(below, 500));
        var rising = await MeasureAsync("attacks that pass alone, rising", [.. Draw(below, 500).Select(static session => session.OrderBy(static text => Verdicts[text].Risk).ToArray())]);

        Assert.True(any.Stopped >= LeastAttacks && any.Passed <= 0.5 * any.Alone, any.ToString());
        Assert.True(hidden.Stopped >= LeastAttacks && hidden.Passed <= 0.55 * hidden.Alone, hidden.ToString());
        Assert.True(rising.Stopped >= LeastAttacks && rising.Passed <= 0.5 * rising.Alone, rising.ToString());
    }

    [Fact]
    public async Task PublicTexts()
    {
        var path = Path.Combine(Repository.Root, "..", "shared", "data", "prompts.jsonl");
        Assert.SkipUnless(File.Exists(path), "measures on ../shared/data/prompts.jsonl, which must stand beside the repository");
        var rows = File.ReadLines(path).Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(static row => Of(row, "channel") == "user" && SHA256.HashData(Encoding.UTF8.GetBytes(Of(row, "derived_from") ?? Of(row, "id")!))[0] % 2 == 1)
            .Select(static row => (Text: Of(row, "text")!, Kind: Of(row, "kind")!, Source: Of(row, "source")!)).DistinctBy(static row => row.Text).ToArray();
        output.WriteLine("| sessions of 8 texts | of 1,000 one is stopped | texts that pass alone | that pass |\n|---|---|---|---|");

        var benign = Texts("benign");
        var hard = Texts("hard_benign");
        var ordinary = await MeasureAsync("harmless requests", Draw(benign, Harmless));
        if (Extent.IsWhole)
        {
            await MeasureAsync("the same, one of eight looks like an attack", Mixed(1));
        }

        var mixed = await MeasureAsync("the same, two of eight look like attacks", Mixed(2));
        if (Extent.IsWhole)
        {
            await MeasureOthersAsync();
        }

        Assert.InRange(ordinary.Stopped, 0, 2);
        Assert.InRange(mixed.Stopped, 0, 2);   // the target: at most 2 of 1,000

        async Task MeasureOthersAsync()   // said in docs/trajectory.md, and asserted nowhere
        {
            await MeasureAsync("code", Draw(Texts("code"), 1_000));
            foreach (var source in rows.Where(static row => row.Kind == "hard_benign").CountBy(static row => row.Source).Where(static entry => entry.Value >= 30).Select(static entry => entry.Key).Order(StringComparer.Ordinal))
            {
                await MeasureAsync($"all look like attacks: {source}", Draw([.. rows.Where(row => row.Kind == "hard_benign" && row.Source == source).Select(static row => row.Text)], 1_000));
            }

            foreach (var kind in new[] { "direct", "jailbreak", "indirect", "encoded" })
            {
                var attacks = Texts(kind);
                Scan(attacks);
                string[] below = [.. attacks.Where(static text => Verdicts[text].Decision < Decision.Block)];
                await MeasureAsync($"attacks: {kind}", Draw(attacks, 1_000));
                await MeasureAsync($"attacks that pass alone: {kind}", Draw(below, 1_000));
                await MeasureAsync($"the same, rising: {kind}", [.. Draw(below, 1_000).Select(static session => session.OrderBy(static text => Verdicts[text].Risk).ToArray())]);
            }
        }

        string[] Texts(string kind) => [.. rows.Where(row => row.Kind == kind).Select(static row => row.Text)];

        string[][] Mixed(int count)
        {
            var random = new Random(2);
            string[][] sessions = [.. Draw(benign, Harmless).Zip(Draw(hard, Harmless), (harmless, looks) => harmless[..^count].Concat(looks[..count]).ToArray())];
            Array.ForEach(sessions, random.Shuffle);
            return sessions;
        }

        static string? Of(JsonElement row, string member) => row.TryGetProperty(member, out var value) ? value.GetString() : null;
    }

    /// <summary>What becomes of these sessions.</summary>
    /// <returns>How many of 1,000 have a text that is stopped for the session; texts of a session that pass each alone; and those that pass.</returns>
    private async Task<(double Stopped, double Alone, double Passed)> MeasureAsync(string name, IReadOnlyList<string[]> sessions)
    {
        Scan([.. sessions.SelectMany(static session => session).Distinct()]);
        var (stopped, alone, passed) = (0, 0, 0);
        foreach (var session in sessions)
        {
            var id = new SessionId(FormattableString.Invariant($"session {_sessions++}"));
            var isStopped = false;
            foreach (var text in session)
            {
                var rule = await _guard.RuleOf(new UserInput(text), id);
                isStopped |= Trajectory.IsRule(rule);
                alone += Verdicts[text].Decision < Decision.Block ? 1 : 0;
                passed += rule == "passes" ? 1 : 0;
            }

            stopped += isStopped ? 1 : 0;
        }

        var result = (1_000.0 * stopped / sessions.Count, (double)alone / sessions.Count, (double)passed / sessions.Count);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {result.Item1:0.0} | {result.Item2:0.00} | {result.Item3:0.00} |"));
        return result;
    }

    private static string[][] Draw(string[] texts, int sessions)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, sessions).Select(_ =>
        {
            var drawn = new HashSet<string>(StringComparer.Ordinal);
            while (drawn.Count < Math.Min(Turns, texts.Length))
            {
                drawn.Add(texts[random.Next(texts.Length)]);
            }

            return drawn.ToArray();
        })];
    }

    private static string[] Lines(string file) => [.. File.ReadLines(file).Where(static line => line.Length > 0).Distinct()];

    private static void Scan(IReadOnlyList<string> texts) => texts.AsParallel().ForAll(static text => Verdicts.GetOrAdd(text, static text => Scanner.Scan(text, Checkpoint.Input)));
}
