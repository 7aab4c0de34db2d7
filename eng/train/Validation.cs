using Aegis.Scanning.Classifying;

namespace Aegis.Train;

/// <summary>What models say of sources that they have not seen.</summary>
internal static class Validation
{
    /// <summary>Where risks stand: shares of harmless texts that are at or above.</summary>
    private static readonly (double Share, double Risk)[] Lines = [(0.5, 0.1), (0.1, 0.5), (0.03, 0.80), (0.005, 0.90), (0.001, 0.95)];

    private const double Certain = 0.99;
    private const int ToCertain = 3 * LinearModel.Scale;

    /// <summary>A model of all texts, its risks from those of models that left each fold's sources out.</summary>
    public static LinearModel Calibrated(string name, IReadOnlyList<TrainingText> texts, IReadOnlyList<TrainingText> more, string[][] folds, string[] apart, bool readsPairs)
    {
        folds = [.. folds, [.. texts.Select(static text => text.Source).Distinct().Except(folds.SelectMany(static fold => fold))]];
        var scored = new List<(TrainingText Text, int Score)>();
        foreach (var fold in folds)
        {
            var learnt = texts.Where(text => !fold.Contains(text.Source)).Concat(more.Where(text => !fold.Contains(text.Source))).ToList();
            var model = LogisticRegression.Train(learnt, readsPairs);
            scored.AddRange(texts.Where(text => fold.Contains(text.Source)).Select(text => (text, Score(model, text))));
        }

        Report($"{name}, rules alone", scored, apart, static row => (int)(row.Text.RuleRisk * 1000));
        Report($"{name}, classifier alone", scored, apart, static row => row.Score);
        Report($"{name}, both", scored, apart, Both);
        var harmless = scored.Where(row => !row.Text.IsAttack && !apart.Contains(row.Text.Source)).Select(Combined).OrderDescending().ToArray();
        var points = Lines.Select(line => (Score: harmless[(int)(harmless.Length * line.Share)], line.Risk)).ToList();
        points.Add((points[^1].Score + ToCertain, Certain));
        var final = LogisticRegression.Train([.. texts, .. more], readsPairs);
        Report($"{name}, both, all sources learnt", [.. texts.Select(text => (text, Score(final, text)))], [], Both);
        return final with { Curve = new(points) };
    }

    /// <summary>What blocks by rules alone stands above everything.</summary>
    private static int Both((TrainingText Text, int Score) row) => row.Text.RuleRisk >= 0.9 ? 100_000 : Combined(row);

    private static int Combined((TrainingText Text, int Score) row) => row.Score + (int)Math.Round(InjectionClassifier.RuleWeight * row.Text.RuleRisk);

    private static int Score(LinearModel model, TrainingText text) => (int)text.Best(feature => model.Weights[feature]).Sum + model.Bias;

    private static void Report(string name, IReadOnlyList<(TrainingText Text, int Score)> scored, string[] apart, Func<(TrainingText Text, int Score), int> score)
    {
        var harmless = scored.Where(row => !row.Text.IsAttack && !apart.Contains(row.Text.Source)).Select(score).OrderDescending().ToArray();
        foreach (var share in new[] { 0.01, 0.005 })
        {
            var line = harmless[(int)(harmless.Length * share)];
            var attacks = scored.Where(static row => row.Text.IsAttack).ToList();
            Console.WriteLine(FormattableString.Invariant($"{name}: at {100 * share} % of harmless texts {100.0 * attacks.Count(row => score(row) > line) / attacks.Count:0.0} % of {attacks.Count} attacks"));
            Console.WriteLine($"  {string.Join(", ", attacks.GroupBy(static row => row.Text.Source).Select(group => FormattableString.Invariant($"{group.Key} {100.0 * group.Count(row => score(row) > line) / group.Count():0}")))}");
            Console.WriteLine($"  harmless: {string.Join(", ", scored.Where(row => !row.Text.IsAttack && score(row) > line).CountBy(static row => row.Text.Source).OrderByDescending(static pair => pair.Value).Take(8).Select(static pair => FormattableString.Invariant($"{pair.Key} {pair.Value}")))}");
        }
    }
}
