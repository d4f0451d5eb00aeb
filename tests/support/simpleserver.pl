# A Z39.50 target with the records of a file, on Perl's SimpleServer: authentication, caps, diagnostics,
# OPAC records with holdings. A file that has changed is read anew.
#   perl simpleserver.pl SHELF tcp:127.0.0.1:PORT
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use Net::Z3950::SimpleServer;
use Net::Z3950::OID;
use Time::HiRes ();

my $path = shift @ARGV;
my ($SHELF, $READ) = (undef, '');
my @NAMES = qw(number date title marc xml text refused holdings);

# The first line holds features as JSON; each other line a record, its values divided by tabs.
sub shelf {
    my @stat = Time::HiRes::stat($path);
    return $SHELF if $SHELF and $READ eq "$stat[1] $stat[7] $stat[9]";
    open(my $in, '<:raw', $path) or die "no shelf: $!";
    my $shelf = JSON::PP->new->utf8->decode(scalar <$in>);
    my @records;
    while (my $line = <$in>) {
        chomp $line;
        my %record;
        @record{@NAMES} = map { $_ eq '' ? undef : $_ } split /\t/, $line, scalar @NAMES;
        push @records, \%record;
    }
    $shelf->{records} = \@records;
    $READ = "$stat[1] $stat[7] $stat[9]";
    return $SHELF = $shelf;
}

sub on_init {
    my $args = shift;
    my $shelf = shelf();
    my $name = $shelf->{name};
    utf8::encode($name);
    $args->{IMP_NAME} = $name;
    $args->{IMP_ID} = "81";
    $args->{IMP_VER} = "1";
    $args->{HANDLE} = {};
    if (defined $shelf->{user}) {
        my ($user, $pass) = ($args->{USER} // '', $args->{PASS} // '');
        if ($user eq '') { $args->{ERR_CODE} = 1010; return; }
        utf8::encode(my $right = $shelf->{password});
        if ($user ne $shelf->{user} or $pass ne $right) {
            $args->{ERR_CODE} = 1011;
            $args->{ERR_STR} = "no such reader";
        }
    }
}

sub attributes {
    my ($term, %found) = (shift);
    $found{$_->{attributeType}} = $_->{attributeValue} for @{ $term->{attributes} };
    return %found;
}

# Gives the numbers of the records that a node of the query finds, as a hash.
sub found {
    my ($shelf, $node) = @_;
    my $kind = ref $node;
    if ($kind eq 'Net::Z3950::RPN::Term') { return term($shelf, $node); }
    my ($left, $right) = (found($shelf, $node->[0]), found($shelf, $node->[1]));
    my %out;
    if ($kind eq 'Net::Z3950::RPN::And') { exists $right->{$_} and $out{$_} = 1 for keys %$left; }
    elsif ($kind eq 'Net::Z3950::RPN::Or') { %out = (%$left, %$right); }
    elsif ($kind eq 'Net::Z3950::RPN::AndNot') { exists $right->{$_} or $out{$_} = 1 for keys %$left; }
    else { die { code => 110, text => $kind }; }
    return \%out;
}

sub term {
    my ($shelf, $node) = @_;
    my %attr = attributes($node);
    my ($use, $relation, $truncation) = ($attr{1} // 1016, $attr{2} // 3, $attr{5} // 100);
    my $value = $node->{term};
    my $field = { 12 => 'number', 1012 => 'date', 4 => 'title', 1016 => 'title', 1035 => 'title' }->{$use};
    die { code => 114, text => $use } unless $field and not grep { $_ eq $use } @{ $shelf->{without} // [] };
    my %out;
    for my $at (0 .. $#{ $shelf->{records} }) {
        my $has = $shelf->{records}[$at]{$field};
        next unless defined $has;
        my $bytes = $has;
        my $order = ($field eq 'number' and $value =~ /^\d+$/) ? $has <=> $value : $bytes cmp $value;
        my $true =
            $relation == 103 ? 1
            : $truncation == 1 ? index($bytes, $value) == 0
            : $field eq 'title' ? index(lc $bytes, lc $value) >= 0
            : $relation == 2 ? $order <= 0
            : $relation == 4 ? $order >= 0
            : $order == 0;
        $out{$at} = 1 if $true;
    }
    return \%out;
}

sub on_search {
    my $args = shift;
    my $shelf = shelf();
    if ($args->{DATABASES}[0] ne $shelf->{database}) {
        $args->{ERR_CODE} = 235;
        $args->{ERR_STR} = $args->{DATABASES}[0];
        return;
    }
    my $set = eval { found($shelf, $args->{RPN}{query}) };
    if (my $fault = $@) {
        die $fault unless ref $fault;
        ($args->{ERR_CODE}, $args->{ERR_STR}) = ($fault->{code}, $fault->{text});
        return;
    }
    my @hits = sort { $a <=> $b } keys %$set;
    $args->{HANDLE}{ $args->{SETNAME} } = \@hits;
    my $count = @hits;
    $count = $shelf->{cap} if $shelf->{counts_capped} and $count > $shelf->{cap};
    $args->{HITS} = $count;
}

# BER, as much as an OPAC record needs.
sub tlv {
    my ($lead, $body) = @_;
    my $size = length $body;
    my $length = $size < 128 ? chr $size : chr(0x84) . pack('N', $size);
    return chr($lead) . $length . $body;
}

sub opac {
    my ($marc, $holdings) = ($_[0], JSON::PP->new->utf8->decode($_[1]));
    my $oid = tlv(6, pack 'C*', 0x2a, 0x86, 0x48, 0xce, 0x13, 5, 10);
    my $all = '';
    for my $one (@$holdings) {
        my $fields = '';
        for my $tag (sort { $a <=> $b } grep { /^\d+$/ } keys %$one) {
            utf8::encode(my $text = $one->{$tag});
            $fields .= tlv(0x80 + $tag, $text);
        }
        my $circulation = '';
        for my $item (@{ $one->{items} // [] }) {
            my $inside = tlv(0x81, chr($item->{available} ? 1 : 0));
            $inside .= tlv(0x82, $item->{until}) if defined $item->{until};
            $inside .= tlv(0x85, $item->{id}) . tlv(0x86, chr 0) . tlv(0x87, chr 0);
            $circulation .= tlv(0x30, $inside);
        }
        $fields .= tlv(0xb3, $circulation) if $circulation;
        $all .= tlv(0xa2, $fields);
    }
    return tlv(0x30, tlv(0xa1, $oid . tlv(0x81, $marc)) . tlv(0xa2, $all));
}

sub on_fetch {
    my $args = shift;
    my $shelf = $SHELF;
    my $hits = $args->{HANDLE}{ $args->{SETNAME} };
    my $offset = $args->{OFFSET};
    if ($offset > @$hits or (defined $shelf->{cap} and $offset > $shelf->{cap})) {
        $args->{ERR_CODE} = 13;
        return;
    }
    my $record = $shelf->{records}[ $hits->[ $offset - 1 ] ];
    if ($record->{refused}) {
        ($args->{ERR_CODE}, $args->{ERR_STR}, $args->{SUR_FLAG}) = (14, "no such luck", 1);
        return;
    }
    my $form = $args->{REQ_FORM};
    my $key = { Net::Z3950::OID::usmarc() => 'marc', Net::Z3950::OID::xml() => 'xml',
                Net::Z3950::OID::sutrs() => 'text', Net::Z3950::OID::opac() => 'marc' }->{$form};
    if (not $key or not defined $record->{$key}
        or ($form eq Net::Z3950::OID::opac() and not $record->{holdings})) {
        ($args->{ERR_CODE}, $args->{ERR_STR}) = (239, $form);
        return;
    }
    my $bytes = decode_base64($record->{$key});
    $bytes = opac($bytes, $record->{holdings}) if $form eq Net::Z3950::OID::opac();
    $args->{RECORD} = $bytes;
    $args->{REP_FORM} = $form;
    $args->{BASENAME} = $shelf->{database};
    $args->{LAST} = 1 if $offset == @$hits;
}

sub on_scan {
    my $args = shift;
    my $shelf = shelf();
    my %attr = attributes($args->{RPN});
    my $field = { 12 => 'number', 4 => 'title' }->{ $attr{1} // 4 };
    if (not $field) { ($args->{ERR_CODE}, $args->{ERR_STR}) = (114, $attr{1}); return; }
    my %count;
    for my $record (@{ $shelf->{records} }) {
        $count{ $record->{$field} }++;
    }
    my @listed = grep { $_ ge $args->{TERM} } sort keys %count;
    splice(@listed, $args->{NUMBER}) if @listed > $args->{NUMBER};
    $args->{NUMBER} = @listed;
    $args->{ENTRIES} = [ map { { TERM => $_, OCCURRENCE => $count{$_} } } @listed ];
    $args->{STATUS} = Net::Z3950::SimpleServer::ScanSuccess;
}

Net::Z3950::SimpleServer->new(
    START => sub { shelf() }, INIT => \&on_init, SEARCH => \&on_search, FETCH => \&on_fetch, SCAN => \&on_scan,
)->launch_server("simpleserver.pl", @ARGV);
