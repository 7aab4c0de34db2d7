using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Classifying;

/// <summary>
/// How much the words of a text are those of attacks: a linear model over windows of 32 words, one for what users type and one for what tools say, learnt
/// by <c>eng/train</c> from public texts (<c>docs/classifier.md</c>). What else was found adds to it.
/// </summary>
/// <param name="lexicon">The concepts.</param>
/// <param name="typed">For what a user typed.</param>
/// <param name="tools">For tools' results and descriptions.</param>
internal sealed class InjectionClassifier(ConceptLexicon lexicon, LinearModel typed, LinearModel tools)
{
    /// <summary>Id of the finding.</summary>
    public const string Rule = "classifier/prompt-injection";

    /// <summary>What the risk of the surest finding adds, times this.</summary>
    public const int RuleWeight = 4 * LinearModel.Scale;

    private static readonly Lazy<InjectionClassifier> Own = new(static () => Load(ConceptLexicon.BuiltIn));

    /// <summary>The one that Aegis brings.</summary>
    public static InjectionClassifier BuiltIn => Own.Value;

    /// <summary>Whether texts there are classified.</summary>
    public static bool Reads(Checkpoint checkpoint) => checkpoint is Checkpoint.Input or Checkpoint.ToolResult or Checkpoint.ToolDescription;

    /// <summary>The window that reads most like an attack, and how much.</summary>
    public WindowScore Score(CanonicalText text, Checkpoint checkpoint)
    {
        var model = Of(checkpoint);
        var sum = FeatureReader<WindowSum>.Read(lexicon, text.Text, stackalloc long[FeatureReader.MemorySize], new(model.Weights, stackalloc int[2 * FeatureReader.Window]));
        sum.Compare();
        if (sum.Best == int.MinValue)
        {
            return default;   // no word
        }

        var end = sum.Last + 1;
        while (end < text.Length && TextUnits.IsWord(text.Text[end]) && !TextUnits.IsUnspaced(text.Text[end]))
        {
            end++;
        }

        return new(sum.Best + model.Bias, text.RangeOf(sum.Start, end - sum.Start));
    }

    /// <summary>The risk of a text.</summary>
    /// <param name="score">Its score.</param>
    /// <param name="ruleRisk">The risk of the surest finding in it; 0: none.</param>
    /// <param name="checkpoint">Where it is met.</param>
    public double RiskOf(int score, double ruleRisk, Checkpoint checkpoint) => Of(checkpoint).Curve.Of(score + (int)Math.Round(RuleWeight * ruleRisk));

    private LinearModel Of(Checkpoint checkpoint) => checkpoint == Checkpoint.Input ? typed : tools;

    /// <summary>Writes two models, and for which lexicon they were learnt.</summary>
    public static void Write(BinaryWriter writer, ConceptLexicon lexicon, LinearModel typed, LinearModel tools)
    {
        writer.Write(lexicon.Mark);
        typed.Write(writer);
        tools.Write(writer);
    }

    /// <exception cref="InvalidDataException">They were learnt for other features.</exception>
    public static InjectionClassifier Read(BinaryReader reader, ConceptLexicon lexicon)
    {
        if (reader.ReadUInt32() == lexicon.Mark)
        {
            var (typed, tools) = (LinearModel.Read(reader), LinearModel.Read(reader));
            if (typed.Weights.Length == FeatureReader.Count(lexicon.Names.Count) && tools.Weights.Length == typed.Weights.Length)
            {
                return new(lexicon, typed, tools);
            }
        }

        throw new InvalidDataException("classifier.bin was learnt for other features than those of concepts.txt and FeatureReader: run eng/train.");
    }

    private static InjectionClassifier Load(ConceptLexicon lexicon)
    {
        using var reader = new BinaryReader(typeof(InjectionClassifier).Assembly.GetManifestResourceStream("classifier.bin")!);
        return Read(reader, lexicon);
    }
}
