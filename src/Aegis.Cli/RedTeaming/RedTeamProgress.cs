using System.Globalization;

namespace Aegis.Cli.RedTeaming;

/// <summary>How far a run is, on one line of a terminal. Elsewhere nothing is shown.</summary>
internal sealed class RedTeamProgress(TextWriter error, bool isTerminal) : IProgress<double>, IDisposable
{
    private const int Width = 30;

    private int _shown = -1;

    public void Report(double value)
    {
        var percent = (int)(value * 100);
        if (isTerminal && percent != _shown)
        {
            _shown = percent;
            var full = percent * Width / 100;
            error.Write(string.Create(CultureInfo.InvariantCulture, $"\r[{new string('#', full)}{new string('.', Width - full)}] {percent,3} %"));
        }
    }

    public void Dispose()
    {
        if (_shown >= 0)
        {
            error.WriteLine();
        }
    }
}
