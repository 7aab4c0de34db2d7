using System.Text;

namespace Aegis.Tools;

/// <summary>A request, as words in lower case and what they ask to be done.</summary>
internal sealed class RequestWords
{
    private const int MaxLength = 32_768;
    private const int Reach = 4;   // words behind an action that say to what

    private readonly List<(string Word, bool Begins)> _words;

    public RequestWords(string request)
    {
        _words = Split(request.Length > MaxLength ? request[..MaxLength] : request);
        Stems = _words.Select(static word => TaskWords.StemOf(word.Word)).ToHashSet(StringComparer.Ordinal);
        Asked = [.. Actions(TaskWords.Default)];
    }

    /// <summary>All words, without their endings.</summary>
    public HashSet<string> Stems { get; }

    /// <summary>What is asked to be done: a word of ours, what it may stand for, and the words that follow it, without their endings.</summary>
    public IReadOnlyList<(string Verb, IReadOnlyList<string> Actions, HashSet<string> Next)> Asked { get; }

    /// <summary>Words in lower case, and whether a clause begins with each.</summary>
    public static List<(string Word, bool Begins)> Split(string text)
    {
        var words = new List<(string, bool)>();
        var word = new StringBuilder();
        var begins = true;
        foreach (var c in Whole(text))
        {
            if (char.IsLetterOrDigit(c))
            {
                word.Append(char.ToLowerInvariant(c));
                continue;
            }

            if (c is '\'' or '\u2019')
            {
                continue;   // don't
            }

            End();
            begins |= c is '.' or ',' or ';' or ':' or '!' or '?' or '\n' or '(' or '-';
        }

        End();
        return words;

        void End()
        {
            if (word.Length > 0)
            {
                words.Add((word.ToString(), begins));
                word.Clear();
                begins = false;
            }
        }
    }

    private IEnumerable<(string Verb, IReadOnlyList<string> Actions, HashSet<string> Next)> Actions(TaskWords known)
    {
        for (var i = 0; i < _words.Count; i++)
        {
            var (word, begins) = _words[i];
            var before = begins ? "" : _words[i - 1].Word;
            if (IsNegated(i, known))
            {
                continue;
            }

            var form = known.VerbOfForm(word);
            IReadOnlyList<string> actions =
                form is not null ? known.OfVerb(form)
                : begins || known.Begins.Contains(before) ? [.. known.OfVerb(word).Concat(known.OfNoun(word)).Distinct(StringComparer.Ordinal)]
                : known.Things.Contains(before) ? []
                : known.OfVerb(word);
            if (actions.Count > 0)
            {
                yield return (form ?? word, actions, [TaskWords.StemOf(word), .. _words.Skip(i + 1).Take(Reach).Select(static next => TaskWords.StemOf(next.Word))]);
            }
        }
    }

    /// <summary>"Do not delete", "never again send": two words back, within the clause.</summary>
    private bool IsNegated(int i, TaskWords known)
    {
        for (var j = i - 1; j >= 0 && j >= i - 2 && !_words[j + 1].Begins; j--)
        {
            if (known.Not.Contains(_words[j].Word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text in one form of its characters; half of a surrogate pair is a gap.</summary>
    private static string Whole(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            whole.Append(rune.Value is 0xFFFD or 0xFFFE ? " " : rune.ToString());
        }

        return whole.ToString().Normalize(NormalizationForm.FormKC);
    }
}
