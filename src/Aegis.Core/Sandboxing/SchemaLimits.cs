namespace Aegis.Sandboxing;

/// <summary>How large a schema may be.</summary>
internal static class SchemaLimits
{
    public const int Depth = 8;
    public const int Members = 256;
    public const int MaxLength = 100_000;
    public const int MaxItems = 1_000;
    public const int Words = 256;
    public const int Word = 128;
    public const int Description = 1_000;

    private const int Texts = 256;
    private const int Values = 4_096;
    private const int Characters = 2_000_000;

    public static void Check(ExtractionNode root, List<string> mistakes)
    {
        if (root.Kind != ExtractionKind.Object)
        {
            mistakes.Add("$: is no object.");
        }

        if (root.Texts > Texts || root.Values > Values || root.Characters > Characters)
        {
            mistakes.Add(FormattableString.Invariant($"$: leaves room for {root.Texts} texts, {root.Values} values and {root.Characters} characters; at most {Texts}, {Values} and {Characters}. Lower maxItems and maxLength."));
        }
    }
}
