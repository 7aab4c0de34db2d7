using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Aegis.Scanning.Decoding;

/// <summary>International Morse code (ITU-R M.1677-1): a blank between letters, <c>/</c> or several blanks between words.</summary>
internal sealed class MorseDecoder : IDecoder
{
    private const int MinLetters = 8;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create(".-·•−–/| \t\n\r");

    private static readonly FrozenDictionary<string, char> Letters = new Dictionary<string, char>(StringComparer.Ordinal)
    {
        [".-"] = 'a',
        ["-..."] = 'b',
        ["-.-."] = 'c',
        ["-.."] = 'd',
        ["."] = 'e',
        ["..-."] = 'f',
        ["--."] = 'g',
        ["...."] = 'h',
        [".."] = 'i',
        [".---"] = 'j',
        ["-.-"] = 'k',
        [".-.."] = 'l',
        ["--"] = 'm',
        ["-."] = 'n',
        ["---"] = 'o',
        [".--."] = 'p',
        ["--.-"] = 'q',
        [".-."] = 'r',
        ["..."] = 's',
        ["-"] = 't',
        ["..-"] = 'u',
        ["...-"] = 'v',
        [".--"] = 'w',
        ["-..-"] = 'x',
        ["-.--"] = 'y',
        ["--.."] = 'z',
        ["-----"] = '0',
        [".----"] = '1',
        ["..---"] = '2',
        ["...--"] = '3',
        ["....-"] = '4',
        ["....."] = '5',
        ["-...."] = '6',
        ["--..."] = '7',
        ["---.."] = '8',
        ["----."] = '9',
        [".-.-.-"] = '.',
        ["--..--"] = ',',
        ["..--.."] = '?',
        [".----."] = '\'',
        ["-.-.--"] = '!',
        ["-..-."] = '/',
        ["-.--."] = '(',
        ["-.--.-"] = ')',
        ["---..."] = ':',
        ["-.-.-."] = ';',
        ["-...-"] = '=',
        ["-....-"] = '-',
        ["..--.-"] = '_',
        [".-..-."] = '"',
        [".--.-."] = '@',
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public void Decode(DecoderInput input)
    {
        foreach (var run in new TokenRuns(input.Text, Alphabet, MinLetters * 2))
        {
            var (letters, count) = Read(input.Text[run.Start..run.End].Replace('·', '.').Replace('•', '.').Replace('−', '-').Replace('–', '-').Replace('\t', ' '));
            if (count >= MinLetters)
            {
                if (!input.Budget.Take(letters.Length))
                {
                    return;
                }

                input.Add(letters, "Morse", run);
            }
        }
    }

    private static (string Text, int Letters) Read(ReadOnlySpan<char> code)
    {
        var text = new StringBuilder();
        var count = 0;
        foreach (var word in code.SplitAny('/', '|', '\n'))
        {
            var isOpen = text.Length > 0;
            foreach (var range in code[word].Split(' '))
            {
                var sign = code[word][range].Trim('\r');
                if (!Letters.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(sign, out var letter))
                {
                    isOpen = text.Length > 0;   // several blanks end a word; what is no letter is none
                    continue;
                }

                text.Append(isOpen ? " " : "").Append(letter);
                isOpen = false;
                count++;
            }
        }

        return (text.ToString(), count);
    }
}
