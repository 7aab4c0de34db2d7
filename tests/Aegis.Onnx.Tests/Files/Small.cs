namespace Aegis.Onnx.Tests.Files;

/// <summary>A vocabulary of a few words, what each weighs, and what a model that adds them up says: the oracle.</summary>
internal static class Small
{
    /// <summary>Tokens, and their logits as harmless and as attack. What fills up windows would say attack, were it not masked.</summary>
    public static readonly (string Token, float Harmless, float Attack)[] Words =
    [
        ("[PAD]", 0, 50), ("[UNK]", 0, 0.25f), ("[CLS]", 0.5f, 0), ("[SEP]", 0.5f, 0),
        ("hello", 0.5f, 0), ("weather", 0.25f, 0), ("zork", 0, 2), ("mild", 0, 0.5f), ("nan", float.NaN, 0), ("huge", float.MaxValue, 0), (".", 0, 0), ("bread", 0.125f, 0),
    ];

    public static readonly string[] Plain = ["hello", "weather", "zork", "mild", ".", "bread", "unknown"];

    public static string Vocabulary => string.Join('\n', Words.Select(static word => word.Token)) + "\n";

    public static OnnxFile Model => new() { Table = [.. Words.Select(static word => new[] { word.Harmless, word.Attack })] };

    public static OnnxClassifierOptions Options(Folder folder, OnnxFile? model = null) => new()
    {
        ModelPath = folder.File("model.onnx", (model ?? Model).Write()),
        Tokenizer = OnnxTokenizer.WordPiece(folder.File("vocab.txt", Vocabulary)),
        MaxTokens = 16,
        Overlap = 4,
        Threads = 1,
    };

    /// <summary>The risk of some words in one window.</summary>
    public static double Risk(IEnumerable<string> words, double temperature = 1)
    {
        var all = words.Append("[CLS]").Append("[SEP]").Select(static word => Words.FirstOrDefault(known => known.Token == word) is { Token: not null } known ? known : Words[1]).ToArray();
        var (harmless, attack) = (all.Sum(static word => (double)word.Harmless), all.Sum(static word => (double)word.Attack));
        return 1 / (1 + Math.Exp((harmless - attack) / temperature));
    }

    /// <summary>The largest risk of all windows, found the slow way, and the words of the first that has it.</summary>
    public static (double Risk, int From, int To) Judge(string[] words, int size, int overlap)
    {
        var windows = new List<(int From, int To)>();
        for (var from = 0; ; from += size - overlap)
        {
            if (from + size >= words.Length)
            {
                windows.Add((Math.Max(0, words.Length - size), words.Length));
                break;
            }

            windows.Add((from, from + size));
        }

        return windows.Select(window => (Risk(words[window.From..window.To]), window.From, window.To)).Aggregate(static (best, next) => next.Item1 > best.Item1 + 1e-9 ? next : best);
    }
}
