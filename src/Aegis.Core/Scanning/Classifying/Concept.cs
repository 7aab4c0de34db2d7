namespace Aegis.Scanning.Classifying;

/// <summary>A word, a stem or words in a row that say a concept.</summary>
/// <param name="Text">As canonical text has it.</param>
/// <param name="Id">Which concept.</param>
/// <param name="BeginsWord">Whether no letter may stand before it.</param>
/// <param name="EndsWord">Whether no letter may stand behind it.</param>
internal sealed record Concept(string Text, int Id, bool BeginsWord, bool EndsWord)
{
    /// <summary>A word as <c>concepts.txt</c> writes it.</summary>
    public static Concept Parse(string word, string folded, int id)
    {
        var isInside = word[0] == '*' || TextUnits.IsUnspaced(folded[0]);
        var isStem = isInside || word[^1] == '*';
        return new(folded, id, !isInside && TextUnits.IsWord(folded[0]), !isStem && TextUnits.IsWord(folded[^1]));
    }
}
