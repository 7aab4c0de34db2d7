using System.Globalization;
using System.Text;
using System.Xml;

namespace Aegis.Cli.RedTeaming;

/// <summary>Hostile text where XML must be well-formed.</summary>
internal static class XmlText
{
    /// <summary>The text, with what XML 1.0 cannot hold written as <c>\uXXXX</c>.</summary>
    public static string Of(string text)
    {
        var written = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                written.Append(text[i]).Append(text[++i]);
            }
            else if (XmlConvert.IsXmlChar(text[i]))
            {
                written.Append(text[i]);
            }
            else
            {
                written.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return written.ToString();
    }
}
