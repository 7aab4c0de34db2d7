namespace Aegis.Tokens;

/// <summary>What stands around each window.</summary>
/// <param name="Start">Begins it.</param>
/// <param name="End">Ends it.</param>
/// <param name="Padding">Fills it up.</param>
internal readonly record struct SpecialTokens(int Start, int End, int Padding)
{
    /// <summary>Special tokens in a window.</summary>
    public const int Count = 2;

    private static readonly string[] Starts = ["[CLS]", "<s>"];
    private static readonly string[] Ends = ["[SEP]", "</s>"];
    private static readonly string[] Paddings = ["[PAD]", "<pad>"];

    /// <summary>Finds them; null: there are mistakes.</summary>
    public static SpecialTokens? Find(OnnxTokenizer tokenizer, IReadOnlyDictionary<string, int> vocabulary, List<OnnxClassifierError> errors)
    {
        var before = errors.Count;
        var found = new SpecialTokens(
            Find(tokenizer.StartToken, Starts, nameof(tokenizer.StartToken)),
            Find(tokenizer.EndToken, Ends, nameof(tokenizer.EndToken)),
            Find(tokenizer.PaddingToken, Paddings, nameof(tokenizer.PaddingToken)));
        return errors.Count == before ? found : null;

        int Find(string? given, string[] usual, string member)
        {
            foreach (var name in given is null ? usual : [given])
            {
                if (vocabulary.TryGetValue(name, out var id))
                {
                    return id;
                }
            }

            errors.Add(new($"{nameof(OnnxClassifierOptions.Tokenizer)}.{member}", given is null ? $"The vocabulary has neither '{usual[0]}' nor '{usual[1]}'. Say which token it is." : "The vocabulary has no such token. Correct it.") { File = tokenizer.Path });
            return -1;
        }
    }
}
