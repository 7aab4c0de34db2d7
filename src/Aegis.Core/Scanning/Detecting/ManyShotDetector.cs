using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>
/// Many made-up turns before the real question (C. Anil et al., "Many-shot Jailbreaking", 2024): two labels that take turns, each with a colon or
/// an angle bracket behind it. What a tool returns is often a list; there it takes more of them.
/// </summary>
internal sealed class ManyShotDetector : IDetector
{
    private const int MaxLabel = 24;
    private const int Speakers = 5;
    private const int Turns = 8;
    private const int Many = 16;
    private const int VeryMany = 64;

    private static readonly HashSet<string> Roles = new(StringComparer.Ordinal) { "q", "a", "question", "answer", "user", "human", "assistant", "ai", "bot", "chatbot", "system", "customer", "agent", "model", "gpt", "chatgpt", "client", "me", "you", "frage", "antwort", "nutzer", "pregunta", "respuesta", "utilisateur", "assistante", "domanda", "risposta", "pergunta", "resposta", "вопрос", "ответ", "问", "答", "用户", "助手" };

    public string Rule => "statistics/many-shot";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        var text = canonical.Text;
        TextRange? before = null, last = null;   // labels
        int run = 0, start = 0, end = 0;
        var best = (Run: 0, AreRoles: false, Start: 0, End: 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not (':' or '>') || LabelBefore(text, i) is not { } label || IsSame(text, label.Text, last))
            {
                continue;
            }

            (run, start) = IsSame(text, label.Text, before) ? (run + 1, start) : (2, end);   // the label before this one begins another run
            (before, last, end) = (last, label.Text, label.Start);
            if (before is not null && run > best.Run)
            {
                best = (run, IsRole(text, before) || IsRole(text, last), start, i);
            }
        }

        var shots = best.Run / 2;
        var few = best.AreRoles && checkpoint == Checkpoint.Input ? Speakers : Turns;
        return shots < few ? null : new(Rule, Decision.Flag, shots >= VeryMany ? 0.85 : shots >= Many ? 0.75 : 0.6)
        {
            Category = "many-shot",
            Range = canonical.RangeOf(best.Start, best.End - best.Start + 1),
            Owasp = ["LLM01:2025"],
            Atlas = ["AML.T0054"],
        };
    }

    private static bool IsSame(ReadOnlySpan<char> text, TextRange label, TextRange? other) => other is { } range && text[label.Start..label.End].SequenceEqual(text[range.Start..range.End]);

    private static bool IsRole(ReadOnlySpan<char> text, TextRange? label) => label is { } range && Roles.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[range.Start..range.End]);

    /// <summary>One or two words that stand behind a line break, the end of a sentence or the beginning; not in quotes, as names of fields are.</summary>
    private static (TextRange Text, int Start)? LabelBefore(ReadOnlySpan<char> text, int sign)
    {
        var start = sign;
        while (start > 0 && sign - start < MaxLabel && (char.IsLetter(text[start - 1]) || char.IsAsciiDigit(text[start - 1]) || text[start - 1] is ' ' or '*' or '#' or '<' or '[' or ']'))
        {
            start--;
        }

        if (start > 0 && text[start - 1] is not ('\n' or '.' or '!' or '?' or ';' or '|'))
        {
            return null;
        }

        const string around = " *#<[]0123456789";
        var label = text[start..sign].TrimEnd(around);
        var end = start + label.Length;
        label = label.TrimStart(around);
        return label.Length == 0 || label.Count(' ') > 1 ? null : (new(end - label.Length, end), start);
    }
}
