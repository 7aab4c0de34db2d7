namespace Aegis.Sandboxing;

/// <summary>Whether a text stands in another one, to the letter, in time that grows with both lengths and never with their product (Knuth, Morris and Pratt).</summary>
internal static class Verbatim
{
    public static bool Stands(string text, string document)
    {
        if (text.Length == 0 || text.Length > document.Length)
        {
            return text.Length == 0;
        }

        var back = new int[text.Length];
        for (int i = 1, same = 0; i < text.Length; i++)
        {
            while (same > 0 && text[i] != text[same])
            {
                same = back[same - 1];
            }

            back[i] = same += text[i] == text[same] ? 1 : 0;
        }

        var matched = 0;
        foreach (var c in document)
        {
            while (matched > 0 && c != text[matched])
            {
                matched = back[matched - 1];
            }

            matched += c == text[matched] ? 1 : 0;
            if (matched == text.Length)
            {
                return true;
            }
        }

        return false;
    }
}
