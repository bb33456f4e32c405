using Offpeak.Cli.Output;

namespace Offpeak.Cli.Tests.Output;

public sealed class DollarsTests
{
    [Theory]
    [InlineData("0", "$0")]
    [InlineData("0.00000011", "<$0.000001")]
    [InlineData("0.000001", "$0.000001")]
    [InlineData("0.0000049", "$0.000005")]
    [InlineData("0.25", "$0.2500")]
    [InlineData("1234.5", "$1,234.50")]
    public void An_amount_that_was_spent_is_never_nothing(string amount, string shown) =>
        Assert.Equal(shown, Dollars.Text(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture)));
}
