using Aegis.Tokens;

namespace Aegis.Models;

/// <summary>What options alone show to be wrong.</summary>
internal static class OptionChecks
{
    private const int LeastTokens = SpecialTokens.Count + 2;
    private const int MostTokens = 1 << 16;
    private const int MostWindows = 1 << 10;

    private static readonly Checkpoint[] Asked = [Checkpoint.Input, Checkpoint.ToolDescription, Checkpoint.ToolResult];

    public static void Check(OnnxClassifierOptions options, List<OnnxClassifierError> errors)
    {
        Check(options.Tokenizer is not null, nameof(options.Tokenizer), "Nothing says how texts become numbers. Give the model's own, for example OnnxTokenizer.TokenizerJson(path).");
        Check(!string.IsNullOrEmpty(options.Rule), nameof(options.Rule), "An id is missing. Write for example 'classifier/prompt-guard'.");
        Check(options.AttackClasses is { Count: > 0 } classes && classes.All(static c => c >= 0) && classes.Distinct().Count() == classes.Count, nameof(options.AttackClasses), "Give at least one class, each once, counted from 0.");
        Check(double.IsFinite(options.Temperature) && options.Temperature > 0, nameof(options.Temperature), "A temperature is a number above 0.");
        Check(options.MaxTokens is >= LeastTokens and <= MostTokens, nameof(options.MaxTokens), FormattableString.Invariant($"A window has {LeastTokens} to {MostTokens} tokens."));
        Check(options.Overlap >= 0 && options.Overlap <= (Math.Max(options.MaxTokens, LeastTokens) - SpecialTokens.Count) / 2, nameof(options.Overlap), "Windows share from 0 to half of their tokens, the two special ones not counted.");
        Check(options.BatchSize is >= 1 and <= MostWindows, nameof(options.BatchSize), FormattableString.Invariant($"A run judges 1 to {MostWindows} windows."));
        Check(options.MaxCharacters >= 1, nameof(options.MaxCharacters), "At least 1 character is read.");
        Check(options.Threads >= 0, nameof(options.Threads), "Give a number of threads, or 0 for all cores.");
        Check(options.Checkpoints is { Count: > 0 } checkpoints && checkpoints.All(Asked.Contains), nameof(options.Checkpoints), "A classifier is asked at Input, ToolDescription and ToolResult. Give some of these.");
        Check(options.Calibration is { } points && IsCurve(points), nameof(options.Calibration), "Give points from probability 0 to probability 1, in their order, whose risks from 0 to 1 do not fall; or none.");

        void Check(bool isRight, string member, string message)
        {
            if (!isRight)
            {
                errors.Add(new(member, message));
            }
        }
    }

    private static bool IsCurve(IReadOnlyList<RiskPoint> points) => points.Count == 0
        || (points is [{ Probability: 0 }, .., { Probability: 1 }] && points.All(static point => point.Risk is >= 0 and <= 1)
            && points.Zip(points.Skip(1)).All(static pair => pair.First.Probability < pair.Second.Probability && pair.First.Risk <= pair.Second.Risk));
}
