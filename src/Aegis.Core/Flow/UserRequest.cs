using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>What the user's last messages ask for, read word by word: verbs where a verb stands, kinds of objects, and the words by which people and things are named. No model.</summary>
internal sealed class UserRequest
{
    private const int Messages = 3;   // a yes means what was asked before
    private const int Negated = 8;   // words
    private const int NegatedBehind = 6;
    private const int Root = 4;

    /// <summary>Nothing was asked, or nobody has seen it.</summary>
    public static readonly UserRequest Nothing = new([], [], [], [], []);

    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".!?\n");

    private static readonly string[] Clitics = ["mi", "me", "ti", "te", "lo", "la", "le", "li", "gli", "ci", "nos", "los", "las", "les"];

    private static readonly RequestWords Lists = new(ToolEffectInference.Default.Data);

    private readonly ImmutableArray<string> _verbs;
    private readonly HashSet<string> _words;
    private readonly HashSet<string> _objects;
    private readonly HashSet<string> _names;
    private readonly Dictionary<string, string[]> _roots;   // written once, and never frozen: freezing costs more than it saves here

    private UserRequest(ImmutableArray<string> verbs, HashSet<string> words, HashSet<string> objects, HashSet<string> names, HashSet<string> times) =>
        (_verbs, _words, _objects, _names, Times, _roots) = (verbs, words, objects, names, times, names.Where(static name => name.Length > Root).GroupBy(static name => name[..Root], StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal));

    /// <summary>Whether anything is known of it.</summary>
    public bool IsKnown => _words.Count > 0;

    /// <summary>Whether its language is one whose verbs are known.</summary>
    public bool IsUnderstood => !_verbs.IsEmpty || _words.Overlaps(Lists.Reads) || _words.Overlaps(Lists.Common);

    /// <summary>Whether it speaks of those who take part or belong, without naming them.</summary>
    public bool MeansEveryone => _words.Overlaps(Lists.Everyone);

    /// <summary>Whether it speaks of an answer to whoever wrote.</summary>
    public bool MeansReply => _words.Overlaps(Lists.Replies);

    /// <summary>Whether it chooses without a name.</summary>
    public bool Selects => _words.Overlaps(Lists.Selectors);

    /// <summary>Whether it speaks of links.</summary>
    public bool MeansLinks => _words.Overlaps(Lists.Links);

    /// <summary>Times of day, as hours and minutes.</summary>
    public IReadOnlySet<string> Times { get; }

    /// <summary>Reads the user's messages, the last one last. What is asked for counts of the last one that asks for anything; a yes means what was asked before.</summary>
    public static UserRequest Read(IReadOnlyList<string> texts)
    {
        var verbs = new List<string>();
        var words = new HashSet<string>(StringComparer.Ordinal);
        var objects = new HashSet<string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var times = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts.Skip(texts.Count - Messages))
        {
            var asked = new List<string>();
            var said = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (clause, isQuestion) in Clauses(text))
            {
                ReadClause(clause, isQuestion, asked, said, objects, names);
            }

            TimesOfDay.Add(text, times);
            words.UnionWith(said);
            if (asked.Exists(static verb => !Lists.GoAheads.Contains(verb)) || said.Overlaps(Lists.Readings))
            {
                verbs.Clear();
            }

            verbs.AddRange(asked);
        }

        return new([.. verbs], words, objects, names, times);
    }

    /// <summary>Whether a word names something in it.</summary>
    /// <remarks>Words of one root count as one: a dentist is named where something dental stands.</remarks>
    public bool Names(string word) => _names.Contains(word) || (word.Length > Root && _roots.TryGetValue(word[..Root], out var others) && others.Any(other => Shared(word, other) * 3 >= Math.Min(word.Length, other.Length) * 2));

    /// <summary>Whether it speaks of those who stand in a field: of all (the owners), or of one (the contact) where it says of which record.</summary>
    public bool MeansField(string field, bool isOne) => ToolRiskInference.Words(field).Any(word => !Lists.Common.Contains(word) && ((isOne && _words.Contains(WordForm.Stem(word))) || _words.Contains($"{word}s")));

    /// <summary>Whether a word stands in every text.</summary>
    public static bool IsCommon(string plain) => Lists.Common.Contains(plain) || Lists.Verbs.Contains(plain);

    /// <summary>Whether it has a word of a tool's name.</summary>
    public bool Has(string word) => _words.Contains(word);

    /// <summary>Whether it asks for one of these ways of doing.</summary>
    public bool Asks(ImmutableArray<ToolAction> actions) => _verbs.Any(verb => actions.Any(action => action.Say.Contains(verb)) || (Lists.Soft.Contains(verb) && actions.All(static action => action.IsSoft)));

    /// <summary>Whether it asks for anything more than to be told something.</summary>
    public bool Acts => _verbs.Any(Lists.Acts.Contains);

    /// <summary>Whether it asks for one of them with a verb that says it all.</summary>
    public bool AsksOutright(ImmutableArray<ToolAction> actions) => _verbs.Any(verb => Lists.Complete.Contains(verb) && actions.Any(action => action.Id is "communicate" or "pay" && action.Say.Contains(verb)));

    /// <summary>Whether it speaks of one of these kinds of objects.</summary>
    public bool IsAbout(FrozenSet<string> objects) => _objects.Overlaps(objects);

    private static int Shared(string one, string other)
    {
        var i = 0;
        while (i < one.Length && i < other.Length && one[i] == other[i])
        {
            i++;
        }

        return i;
    }

    /// <summary>The parts of sentences, and whether one is a question to which the answer is no deed.</summary>
    private static IEnumerable<(string[] Words, bool IsQuestion)> Clauses(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = EndOf(text, start);
            foreach (var part in text[start..end].Split([',', ';', ':', '(', ')', '"']))
            {
                string[] words = [.. WordForm.Of(part)];
                if (words.Length > 0)
                {
                    yield return (words, Lists.PlainQuestions.Contains(words[0]) || (end < text.Length && text[end] == '?' && Lists.Questions.Contains(words[0])));
                }
            }

            start = end + 1;
        }
    }

    /// <summary>A full stop inside a name ends nothing.</summary>
    private static int EndOf(string text, int start)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (SentenceEnds.Contains(text[i]) && (text[i] != '.' || i + 1 == text.Length || char.IsWhiteSpace(text[i + 1])))
            {
                return i;
            }
        }

        return text.Length;
    }

    private static void ReadClause(string[] sentence, bool isQuestion, List<string> verbs, HashSet<string> words, HashSet<string> objects, HashSet<string> names)
    {
        for (var i = 0; i < sentence.Length; i++)
        {
            var isOwner = sentence[i].EndsWith("'s", StringComparison.Ordinal) || sentence[i].EndsWith("’s", StringComparison.Ordinal);
            var word = isOwner ? sentence[i][..^2] : sentence[i];
            var stem = WordForm.Stem(word);
            words.Add(word);
            words.Add(stem);
            word = WithoutClitic(word);
            sentence[i] = word;
            if (!isOwner && IsVerb(sentence, i) && !(isQuestion && !(i > 0 && Lists.Orders.Contains(sentence[i - 1]))))
            {
                verbs.Add(word);
            }

            if (word.Length > 2 && !Lists.Common.Contains(word) && (isOwner || !Lists.Verbs.Contains(word) || !(i == 0 || Lists.VerbStarts.Contains(sentence[i - 1])) || IsAddressed(sentence, i)))
            {
                names.Add(char.IsAsciiDigit(word[0]) ? word.TrimEnd('s', 't', 'n', 'd', 'r', 'h') : word);
            }

            objects.UnionWith(ToolEffectInference.Default.GroupsOf(word).ToArray());
        }
    }

    /// <summary>A Romance verb without the pronoun at its end: <c>prenotami</c> is <c>prenota</c>.</summary>
    private static string WithoutClitic(string word)
    {
        if (word.Length > 5 && !Lists.Verbs.Contains(word))
        {
            foreach (var clitic in Clitics)
            {
                if (word.EndsWith(clitic, StringComparison.Ordinal) && word[..^clitic.Length] is [.., 'a' or 'e' or 'i' or 'á' or 'é' or 'í' or 'r'] verb && Lists.Verbs.Contains(verb))
                {
                    return verb;
                }
            }
        }

        return word;
    }

    /// <summary>Somebody may be called Mark, or Bill.</summary>
    private static bool IsAddressed(string[] sentence, int i) => i > 1 && sentence[i - 1] == "to" && Lists.Verbs.Contains(sentence[i - 2]);

    private static bool IsVerb(string[] sentence, int i)
    {
        var word = sentence[i];
        if (!Lists.Verbs.Contains(word))
        {
            return false;
        }

        if (IsNegated(sentence, i))
        {
            return false;
        }

        var next = i + 1 < sentence.Length ? sentence[i + 1] : "";
        if (next is "me" or "us" && Lists.ToMe.Contains(word))
        {
            return false;   // that is an answer, not a message
        }

        var before1 = i > 0 ? sentence[i - 1] : "";
        return Lists.Nouns.Contains(word)
            ? i == 0 ? !Lists.NounFollows.Contains(next) || (next == "that" && Lists.Soft.Contains(word)) : Lists.VerbStarts.Contains(before1)
            : i == 0 || !Lists.BeforeNouns.Contains(before1) || before1 is "all" or "me";
    }

    private static bool IsNegated(string[] clause, int verb)
    {
        for (var i = Math.Max(0, verb - Negated); i < verb; i++)
        {
            if (Lists.Negations.Contains(clause[i]) && !Lists.Unnegated.Contains(clause[i + 1]) && !(i > 0 && Lists.States.Contains(clause[i - 1]) && clause.Take(i).Any(Lists.Conditions.Contains)))
            {
                return true;
            }
        }

        return clause.Skip(verb + 1).Take(NegatedBehind).Any(Lists.NegationsBehind.Contains);
    }
}
